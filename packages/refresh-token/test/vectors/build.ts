// The published vectors, computed from the format's description with node:crypto and without any code of this package.
import { createHash, createHmac } from 'node:crypto'

/** One token and everything that belongs to it; byte strings as base64url. */
export interface TokenVector {
  readonly comment: string
  readonly secretId: number
  readonly secret: string
  readonly handle: string
  readonly generation: number
  readonly token: string
  readonly familyId: string
  readonly attemptKey: string
  readonly attemptHash: string
}

/** One text that must be refused, by a ring that holds the secrets of all tokens. */
export interface RefusedVector {
  readonly comment: string
  readonly token: string
  readonly reason: 'refresh_token/malformed' | 'refresh_token/unknown_secret'
}

export interface Vectors {
  readonly description: string
  readonly tokens: readonly TokenVector[]
  readonly refused: readonly RefusedVector[]
}

/** All vectors; the same on every run. */
export function buildVectors(): Vectors {
  const tokens = [
    tokenVector('the first generation', 1, 1),
    tokenVector('the second generation of the same family', 1, 2, 1),
    tokenVector('another secret', 2, 1, 1),
    tokenVector('every byte of the generation used', 3, 0x01_02_03_04),
    tokenVector('the last generation', 255, 4_294_967_295),
    tokenVector('secret 0', 0, 65_536),
  ]
  return {
    description:
      'Refresh tokens: trt_ and base64url of version 1 (1 byte), secret id (1), handle (16), generation (4, big-endian), ' +
      'HMAC-SHA-256 of "tallystick refresh\\0" and these 22 bytes under the secret (32).',
    tokens,
    refused: refusedVectors(tokens[0]!),
  }
}

function tokenVector(comment: string, secretId: number, generation: number, family = secretId + 10): TokenVector {
  const secret = digest(`vector secret ${secretId}`)
  const handle = digest(`vector handle ${family}`).subarray(0, 16)
  const attemptKey = `vector attempt key ${generation}`
  return {
    comment,
    secretId,
    secret: secret.toString('base64url'),
    handle: handle.toString('base64url'),
    generation,
    token: tokenOf(secret, bodyOf(1, secretId, handle, generation)),
    familyId: digest('tallystick family\0', handle).subarray(0, 16).toString('base64url'),
    attemptKey,
    attemptHash: digest('tallystick attempt\0', handle, uint32(generation), attemptKey).toString('base64url'),
  }
}

function refusedVectors(good: TokenVector): readonly RefusedVector[] {
  const secret = Buffer.from(good.secret, 'base64url')
  const handle = Buffer.from(good.handle, 'base64url')
  const body = bodyOf(1, good.secretId, handle, good.generation)
  const withBody = (edited: Buffer): string =>
    `trt_${Buffer.concat([edited, Buffer.from(good.token.slice(4), 'base64url').subarray(22)]).toString('base64url')}`
  const reason = 'refresh_token/malformed'
  return [
    { comment: 'empty', token: '', reason },
    { comment: 'truncated by one character', token: good.token.slice(0, -1), reason },
    { comment: 'extended by one character', token: `${good.token}A`, reason },
    { comment: 'a line end behind it', token: `${good.token}\n`, reason },
    { comment: 'without its prefix', token: good.token.slice(4), reason },
    { comment: 'version 2, with a right MAC', token: tokenOf(secret, bodyOf(2, 1, handle, 1)), reason },
    { comment: 'another generation under the same MAC', token: withBody(bodyOf(1, 1, handle, 2)), reason },
    { comment: 'another secret’s id under the same MAC', token: withBody(bodyOf(1, 2, handle, 1)), reason },
    { comment: 'the MAC of the bare bytes, without the label', token: tokenOf(secret, body, ''), reason },
    {
      comment: 'a secret that nobody has',
      token: withBody(bodyOf(1, 77, handle, 1)),
      reason: 'refresh_token/unknown_secret',
    },
  ]
}

function bodyOf(version: number, secretId: number, handle: Buffer, generation: number): Buffer {
  return Buffer.concat([Buffer.of(version, secretId), handle, uint32(generation)])
}

function tokenOf(secret: Buffer, body: Buffer, label = 'tallystick refresh\0'): string {
  const mac = createHmac('sha256', secret).update(label).update(body).digest()
  return `trt_${Buffer.concat([body, mac]).toString('base64url')}`
}

function digest(...parts: ReadonlyArray<string | Uint8Array>): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
