// Our published vectors: others test against them, so they may not drift, and this package answers to them too.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveSecrets } from '../src/secrets.ts'
import { deriveFamilyId, hashAttempt, issueToken, parseToken } from '../src/token.ts'
import { buildVectors, type Vectors } from './vectors/build.ts'

const FILE = new URL('vectors/refresh-token.json', import.meta.url)
if (process.env['UPDATE_DOCS'] === '1') writeFileSync(FILE, `${JSON.stringify(buildVectors(), null, 2)}\n`)
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))
const secrets = new Map(vectors.tokens.map(({ secretId, secret }) => [secretId, secret]))
const ring = resolveSecrets([...secrets].map(([id, secret]) => ({ id, secret })))

test('the published vectors are what the format’s description gives', () => {
  expect(vectors).toEqual(buildVectors())
})

test.each(vectors.tokens)('token: $comment', (vector) => {
  const parts = { handle: bytes(vector.handle), generation: vector.generation, secretId: vector.secretId }
  expect(issueToken(ring, parts)).toBe(vector.token)
  expect(parseToken(ring, vector.token)).toEqual({ ok: true, ...parts })
  expect(deriveFamilyId(parts.handle)).toBe(vector.familyId)
  expect(hashAttempt(parts.handle, vector.generation, vector.attemptKey)).toBe(vector.attemptHash)
})

test.each(vectors.refused)('refused: $comment', ({ token, reason }) => {
  expect(parseToken(ring, token)).toEqual({ ok: false, reason })
})
