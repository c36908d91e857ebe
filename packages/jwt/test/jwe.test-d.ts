// What must not compile about encryption: keys of other kinds, missing algorithms, decryption taken for verification.
import { createVerifier } from '../src/index.ts'
import type { SigningKey, Verified } from '../src/index.ts'
import {
  decrypt,
  decryptNested,
  encrypt,
  encryptNested,
  exportDecryptionKey,
  generateDecryptionKey,
  importDecryptionKey,
  importEncryptionKey,
  importSealingSecret,
} from '../src/jwe.ts'
import type { DecryptionKey, EncryptionKey, JweRefusal } from '../src/jwe.ts'
import { generateKey } from '../src/keys.ts'
import { countingEntropy, NOW, parties } from './tokens.ts'

const entropy = countingEntropy()
const payload = new Uint8Array()
const signing: SigningKey = await generateKey('ES256')
const key: DecryptionKey = await generateDecryptionKey({ algorithm: 'dir', encryption: 'A256GCM' })
const publicKey: EncryptionKey = await importEncryptionKey({}, { algorithm: 'ECDH-ES', encryption: 'A256GCM' })
const verifier = createVerifier({ ...parties, algorithms: ['ES256'], keys: [signing] })

export const sealed: readonly Promise<string>[] = [
  encrypt(payload, { key }, entropy),
  encrypt(payload, { key: publicKey, context: 'cookie' }, entropy),
  // @ts-expect-error entropy is never defaulted
  encrypt(payload, { key }),
  // @ts-expect-error text is not bytes
  encrypt('text', { key }, entropy),
  // @ts-expect-error A2: a signing key does not encrypt
  encrypt(payload, { key: signing }, entropy),
  // @ts-expect-error JW-25: nothing is compressed
  encrypt(payload, { key, zip: 'DEF' }, entropy),
  // @ts-expect-error a nested token is text that an issuer made
  encryptNested(payload, { key }, entropy),
]

// @ts-expect-error a public key does not decrypt
await decrypt('', { keys: [publicKey] })
// @ts-expect-error A2: a signing key does not decrypt
await decrypt('', { keys: [signing] })
// @ts-expect-error keys are required
await decrypt('', {})
// @ts-expect-error A2: a key of encryption does not verify
createVerifier({ ...parties, algorithms: ['ES256'], keys: [key] })
// @ts-expect-error JW-4: the content encryption must be given
await importDecryptionKey({}, { algorithm: 'dir' })
// @ts-expect-error JW-27: there is no such algorithm
await importDecryptionKey({}, { algorithm: 'RSA1_5', encryption: 'A256GCM' })
// @ts-expect-error JW-27: there is no such algorithm
await importSealingSecret(payload, { algorithm: 'PBES2-HS256+A128KW', encryption: 'A256GCM' })
// @ts-expect-error a public key has nothing secret to export
exportDecryptionKey(publicKey)
// @ts-expect-error key objects are not made by hand
export const forged: DecryptionKey = { kind: 'decryption', algorithm: 'dir', encryption: 'A256GCM', keyId: 'k' }

const opened = await decrypt('', { keys: [key] })
export const reason: JweRefusal | undefined = opened.ok ? undefined : opened.reason
if (opened.ok) {
  // @ts-expect-error JW-10: what was decrypted is no token that a verifier takes
  await verifier.verify(opened.payload, NOW)
  // @ts-expect-error F19: what was decrypted is not verified
  const claims: Verified<object> = opened.payload
  void claims
  // @ts-expect-error F19: decryption gives no claims
  void opened.claims
}
const nested = await decryptNested('', { keys: [key], verifier }, NOW)
if (nested.ok) {
  const subject: string = nested.claims.sub
  const outer: string | undefined = nested.outerHeader.cty
  void [subject, outer]
}
// @ts-expect-error JW-11: the inner token must be verified by somebody
await decryptNested('', { keys: [key] }, NOW)
// @ts-expect-error a plain number is no NumericDate
await decryptNested('', { keys: [key], verifier }, 1_790_000_000)
