// Forged tokens: refused before anything is looked up, and knowing a family's id harms nobody.
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { issueToken } from '@tallystick/refresh-token'
import { resolveSecrets } from '@tallystick/refresh-token/secrets'
import { countOperations } from '@tallystick/storage/faults'
import { expect, test } from 'vitest'
import { API, createWorld, ISSUER, outcome, SECRET } from './world.ts'

function edited(token: string, at: number, change: (byte: number) => number): string {
  const bytes = decodeBase64url(token.slice(4))!
  bytes[at] = change(bytes[at]!) & 0xff
  return token.slice(0, 4) + encodeBase64url(bytes)
}

/** Everything that looks like a token and is none. */
function forgeries(token: string): readonly string[] {
  const forged: string[] = [
    '',
    'trt_',
    token.toUpperCase(),
    token.toLowerCase(),
    `${token}\n`,
    ` ${token}`,
    `${token}=`,
    token.repeat(2),
  ]
  for (let at = 0; at < 54; at += 1) for (const bit of [1, 0x80]) forged.push(edited(token, at, (byte) => byte ^ bit))
  for (let end = 0; end < token.length; end += 1)
    forged.push(token.slice(0, end), token.slice(0, end) + token.slice(end + 1))
  forged.push(token.replace('trt_', 'tat_'), token.replace('trt_', 'TRT_'), `${token}A`, `trt_${'A'.repeat(72)}`)
  const body = decodeBase64url(token.slice(4))!
  forged.push(
    `trt_${Buffer.from(body).toString('base64')}`,
    `trt_${Buffer.from(body).toString('hex')}`,
    encodeURIComponent(`${token} `),
  )
  forged.push(
    edited(token, 0, () => 2),
    edited(token, 0, () => 0),
  )
  const handle = body.slice(2, 18)
  const stranger = resolveSecrets([{ id: 1, secret: SECRET.toReversed() }])
  const unknown = resolveSecrets([{ id: 9, secret: SECRET }])
  for (const generation of [1, 2, 4_294_967_295]) {
    forged.push(
      issueToken(stranger, { handle, generation, secretId: 1 })!,
      issueToken(unknown, { handle, generation, secretId: 9 })!,
    )
  }
  return [...new Set(forged)].filter((one) => one !== token)
}

test('RT-10 RT-11 A27 a token that we did not issue is refused by every verb with no call to the storage', async () => {
  const counter: { count?: () => number } = {}
  const world = createWorld({
    around: (storage) => {
      const counted = countOperations(storage)
      counter.count = counted.count
      return counted.storage
    },
  })
  const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
  const forged = forgeries(refreshToken)
  expect(forged.length).toBeGreaterThan(250)
  const before = counter.count!()
  for (const token of forged) {
    const results = [
      await world.server.refresh({ refreshToken: token }),
      await world.server.rotate({ refreshToken: token }),
      await world.server.elevate({ refreshToken: token, authentication: { methods: ['otp'] } }),
    ]
    for (const result of results) {
      expect(outcome(result)).toMatch(/^refresh_token\/(malformed|unknown_secret)$/)
      expect(result).toMatchObject({ error: { code: 'invalid_grant', status: 400 } })
    }
    expect(await world.server.revoke({ token })).toEqual({ revoked: 0 })
    expect(await world.server.introspect({ token, resourceServer: ISSUER })).toEqual({ active: false })
    expect(await world.server.introspect({ token, resourceServer: API })).toEqual({ active: false })
    expect((await world.server.verify(token)).ok).toBe(false)
  }
  expect(counter.count!()).toBe(before)
  expect(await world.family(familyId)).toMatchObject({ generation: 1, status: 'active' })
  expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
})

test('RT-11 RT-12 who knows a family’s id, its record and everything but the secret harms nobody', async () => {
  const world = createWorld()
  const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
  const stolen = await world.storage.records.read(`sign-in:${familyId}`)
  const guesses = [familyId, `trt_${familyId}`, stolen!.text, stolen!.key, `trt_${familyId}${'A'.repeat(50)}`]
  // The public id in the place of the handle, signed with whatever a thief has.
  const handle = decodeBase64url(familyId)!
  const ring = resolveSecrets([{ id: 1, secret: SECRET.map((byte) => byte ^ 1) }])
  guesses.push(issueToken(ring, { handle, generation: 1, secretId: 1 })!)
  for (const guess of guesses) {
    expect(outcome(await world.server.refresh({ refreshToken: guess }))).toBe('refresh_token/malformed')
    expect(await world.server.revoke({ token: guess })).toEqual({ revoked: 0 })
  }
  expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
})

test('RT-10 a stolen secret forges nothing without a token of the family: the id is not the handle', async () => {
  const world = createWorld()
  const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
  const ring = resolveSecrets([{ id: 1, secret: SECRET }])
  const forged = issueToken(ring, { handle: decodeBase64url(familyId)!, generation: 1, secretId: 1 })!
  expect(outcome(await world.server.refresh({ refreshToken: forged }))).toBe('refresh_token/unknown')
  expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
})
