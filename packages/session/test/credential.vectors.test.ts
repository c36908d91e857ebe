// Our published vectors: others test against them, so they may not drift, and this package answers to them too.
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deriveSecret, formatCredential, hashLineage, hashSecret, parseCredential } from '../src/credential.ts'
import type { SessionId } from '../src/state.ts'
import { buildVectors, type Vectors } from './vectors/build.ts'

const FILE = new URL('vectors/session-credential.json', import.meta.url)
if (process.env['UPDATE_DOCS'] === '1') writeFileSync(FILE, `${JSON.stringify(buildVectors(), null, 2)}\n`)
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors

test('the published vectors are what the format’s description gives', () => {
  expect(vectors).toEqual(buildVectors())
})

test.each(vectors.credentials)('credential: $comment', (vector) => {
  const sessionId = vector.sessionId as SessionId
  expect(parseCredential(vector.credential)).toEqual({ sessionId, secret: vector.secret })
  expect(formatCredential(sessionId, vector.secret)).toBe(vector.credential)
  expect(hashSecret(vector.secret)).toBe(vector.hash)
  expect(hashLineage(sessionId, vector.secret)).toBe(vector.lineageHash)
  const ring = resolveSecretRing([{ id: 7, secret: vector.ringSecret }], 'test')
  const next = deriveSecret(ring, 7, sessionId, vector.secret) ?? ''
  expect(formatCredential(sessionId, next)).toBe(vector.successor)
})

test.each(vectors.malformed)('no credential: $comment', ({ text }) => {
  expect(parseCredential(text)).toBeUndefined()
})
