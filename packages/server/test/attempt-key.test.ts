// Attempt keys and the ring of secrets: what makes an answer the same answer again.
import type { AccessTokenClaims } from '@tallystick/jwt'
import { describe, expect, test } from 'vitest'
import { createWorld, KEY, outcome, SECRET, served } from './world.ts'

const DAY = 86_400

async function claimsOf(world: ReturnType<typeof createWorld>, accessToken: string): Promise<AccessTokenClaims> {
  const result = await world.server.verify(accessToken)
  if (!result.ok) throw new Error(result.reason)
  return result.claims
}

describe('attempt keys', () => {
  test('RT-13 a client that lost the answer gets the same successor for the same key, days later too', async () => {
    const world = createWorld()
    const first = await world.server.issue({ subject: 'alice' })
    const asked = { refreshToken: first.refreshToken, attemptKey: KEY }
    const lost = served(await world.server.refresh(asked))
    for (const seconds of [5, 3600, 3 * DAY]) {
      world.clock.advance(seconds)
      const again = served(await world.server.refresh(asked))
      expect([again.verdict, again.refreshToken]).toEqual(['retried', lost.refreshToken])
      expect(await claimsOf(world, again.accessToken)).toMatchObject({ gen: 2 })
    }
  })

  test.each([
    ['too short', 'x'.repeat(21)],
    ['too long', 'x'.repeat(129)],
    ['with a space', `${KEY} ${KEY}`],
    ['no text', 7],
  ])('an attempt key that is %s came over the network: it is refused and nothing is spent', async (_, attemptKey) => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    const refused = await world.server.refresh({ refreshToken, attemptKey: attemptKey as string })
    expect(refused).toMatchObject({ reason: 'refresh_token/attempt_key_malformed', error: { code: 'invalid_request' } })
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
  })
})

describe('secrets', () => {
  const second = { id: 2, secret: SECRET.toReversed() }

  test('a ring verifies with every secret, signs with the first, and repeats an answer with the recorded one', async () => {
    const world = createWorld()
    const first = await world.server.issue({ subject: 'alice' })
    const asked = { refreshToken: first.refreshToken, attemptKey: KEY }
    const lost = served(await world.server.refresh(asked))
    const promoted = world.anotherServer({ refreshTokenSecrets: [second, { id: 1, secret: SECRET }] })
    expect(served(await promoted.refresh(asked)).refreshToken).toBe(lost.refreshToken)
    world.clock.advance(60)
    const next = served(await promoted.refresh({ refreshToken: lost.refreshToken }))
    expect((await world.family(first.familyId)).secretId).toBe(2)
    // The deployment went wrong: this process does not know the new secret yet.
    expect(outcome(await world.server.refresh({ refreshToken: next.refreshToken }))).toBe(
      'refresh_token/unknown_secret',
    )
    expect(world.events.at(-1)).toMatchObject({
      type: 'refresh_token.turned_away',
      reason: 'refresh_token/unknown_secret',
    })
    expect((await world.family(first.familyId)).status).toBe('active')
  })

  test('what a compromised secret signed is refused at once', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    const careful = world.anotherServer({ refreshTokenSecrets: [second, { id: 1, secret: SECRET, compromised: true }] })
    expect(outcome(await careful.refresh({ refreshToken }))).toBe('refresh_token/unknown_secret')
  })
})
