// Every kind of token at every kind's verifier: the diagonal is accepted, nothing else is.
import { describe, expect, test } from 'vitest'
import { kinds } from '../src/profile-kinds.ts'
import { good, issued, NAMES, tokenOf, verifierOf } from './profile-samples.ts'
import { keyFor } from './tokens.ts'

describe.each(NAMES)('JW-22 A11 W37 %s', (kind) => {
  test.each(NAMES)('as it was issued, at the verifier of %s with the same key, issuer and audience', async (other) => {
    const key = await keyFor('ES256')
    const answer = await verifierOf(other, key)(await issued(kind, key))
    if (other === kind) expect(answer).toBe('ok')
    else expect(answer).not.toBe('ok')
  })

  test.each(NAMES.filter((other) => other !== kind))(
    'relabelled with the type of %s is refused for its claims alone',
    async (other) => {
      const key = await keyFor('ES256')
      // The header is the other kind's in every member: only the claims are left to tell them apart.
      const token = tokenOf(other, key, { ...blank(good[other]), ...good[kind] })
      expect(await verifierOf(other, key)(token)).toMatch(/^jwt\/(forbidden_claim|missing_claim|invalid_claim)$/)
    },
  )

  test.each(NAMES.filter((other) => other !== kind))(
    'without a type is refused by the verifier of %s',
    async (other) => {
      const key = await keyFor('ES256')
      expect(await verifierOf(other, key)(tokenOf(kind, key, {}, { typ: undefined }))).not.toBe('ok')
    },
  )
})

test('JW-22 every kind has a type of its own', () => {
  const types = NAMES.map((name) => kinds[name].type)
  expect(new Set(types).size).toBe(NAMES.length)
  expect(NAMES.length).toBe(9)
})

test.each(NAMES)('JW-21 the type of %s is compared as a media type', async (kind) => {
  const key = await keyFor('ES256')
  const verify = verifierOf(kind, key)
  const { type } = kinds[kind]
  for (const typ of [type, type.toUpperCase(), `application/${type}`]) {
    expect([typ, await verify(tokenOf(kind, key, {}, { typ }))]).toEqual([typ, 'ok'])
  }
  for (const typ of [`${type}2`, `x/${type}`, '', ` ${type}`, 'jose']) {
    expect([typ, await verify(tokenOf(kind, key, {}, { typ }))]).toEqual([typ, 'jwt/wrong_type'])
  }
})

test.each(NAMES)('CA-2 JW-17 only %s of ID token and client assertion may have no type', async (kind) => {
  const key = await keyFor('ES256')
  const answer = await verifierOf(kind, key)(tokenOf(kind, key, {}, { typ: undefined }))
  expect(answer).toBe(['idToken', 'clientAssertion'].includes(kind) ? 'ok' : 'jwt/wrong_type')
})

function blank(claims: object): Record<string, undefined> {
  return Object.fromEntries(Object.keys(claims).map((claim) => [claim, undefined]))
}
