// The published vectors, computed from the format's description with node:crypto and without any code of this package.
import { createHash, createHmac } from 'node:crypto'

/** One credential, what is stored of it, and the one that a renewal makes of it. */
export interface CredentialVector {
  readonly comment: string
  readonly credential: string
  readonly sessionId: string
  readonly secret: string
  readonly hash: string
  readonly lineageHash: string
  /** The ring's secret, base64url. */
  readonly ringSecret: string
  readonly successor: string
}

/** One text that is no credential. */
export interface MalformedVector {
  readonly comment: string
  readonly text: string
}

export interface Vectors {
  readonly description: string
  readonly credentials: readonly CredentialVector[]
  readonly malformed: readonly MalformedVector[]
}

/** All vectors; the same on every run. */
export function buildVectors(): Vectors {
  const first = credentialVector('as it was drawn', digest('vector secret').toString('base64url'), 1)
  const second = credentialVector('its successor', first.successor.slice(-43), 1)
  const other = credentialVector('its successor under another secret', first.successor.slice(-43), 2)
  const spare = credentialVector('text that no 32 bytes encode to is a credential of its own', '_'.repeat(43), 1)
  const { credential } = first
  return {
    description:
      'Session credentials: tsn_, session id (22 characters), secret (43). hash = base64url SHA-256 of the ' +
      'secret; lineageHash = the same of "tallystick session lineage\\0", the ' +
      'session id and the first 21 characters of the secret. The successor keeps these 21; its other 22 are the last 22 of ' +
      'base64url HMAC-SHA-256(ring secret, "tallystick session renewal\\0", session id, secret).',
    credentials: [first, second, other, spare],
    malformed: [
      { comment: 'empty', text: '' },
      { comment: 'truncated by one character', text: credential.slice(0, -1) },
      { comment: 'extended by one character', text: `${credential}A` },
      { comment: 'a line end behind it', text: `${credential}\n` },
      { comment: 'a line end in its session id', text: `${credential.slice(0, 10)}\n${credential.slice(11)}` },
      { comment: 'a space before it', text: ` ${credential.slice(0, -1)}` },
      { comment: 'without its prefix', text: credential.slice(4) },
      { comment: 'the prefix in other letters', text: `TSN_${credential.slice(4)}` },
      { comment: 'a letter of the other base64 alphabet', text: `${credential.slice(0, 20)}+${credential.slice(21)}` },
      { comment: 'a letter outside ASCII', text: `${credential.slice(0, 20)}é${credential.slice(21)}` },
      { comment: 'a refresh token', text: `trt_${'A'.repeat(72)}` },
    ],
  }
}

function credentialVector(comment: string, secret: string, ring: number): CredentialVector {
  const sessionId = digest('vector session').subarray(0, 16).toString('base64url')
  const ringSecret = digest(`vector ring ${ring}`)
  const mac = createHmac('sha256', ringSecret)
    .update(`tallystick session renewal\0${sessionId}${secret}`)
    .digest('base64url')
  return {
    comment,
    credential: `tsn_${sessionId}${secret}`,
    sessionId,
    secret,
    hash: digest(secret).toString('base64url'),
    lineageHash: digest(`tallystick session lineage\0${sessionId}${secret.slice(0, 21)}`).toString('base64url'),
    ringSecret: ringSecret.toString('base64url'),
    successor: `tsn_${sessionId}${secret.slice(0, 21)}${mac.slice(21)}`,
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
