// PEM texts that hold exactly one key (RFC 7468 §10, §13): PKCS#8 private keys and SPKI public keys.

/** What a PEM text says it holds, or `undefined` where it is not one PEM text of a kind that is taken. */
export function pemKind(text: string): 'private' | 'public' | undefined {
  const label = /^\s*-----BEGIN (PRIVATE|PUBLIC) KEY-----\r?\n?([A-Za-z0-9+/=\s]+)-----END \1 KEY-----\s*$/.exec(
    text,
  )?.[1]
  if (label === undefined || text.length > PEM_LENGTH_MAX) return undefined
  return label === 'PRIVATE' ? 'private' : 'public'
}

const PEM_LENGTH_MAX = 16_384
