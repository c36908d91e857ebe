// The first part of the demo: a sign-in, what its access token says, and a rotation.
import { nameOf } from '../outcome.ts'
import { createWorld, type Ground } from '../world.ts'

/** A sign-in and its first rotation; tokens are shortened in the middle. */
export interface SessionReport {
  readonly issued: Readonly<Record<string, string | number>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly rotation: Readonly<Record<string, string | number>>
  /** Whether the claims were verified, and the rotation gave another refresh token. */
  readonly ok: boolean
}

/** Signs in, verifies, and rotates ten minutes later. */
export async function playSession(ground: Ground): Promise<SessionReport> {
  const { server, clock } = await createWorld({ ...ground, chance: ground.chance.fork(SESSION_PURPOSE) })
  const first = await server.issue({
    subject: 'user_42',
    scope: 'orders:read',
    authentication: { methods: ['pwd', 'otp'], acr: 'urn:example:two-factor' },
  })
  const verified = await server.verify(first.accessToken)
  clock.advance(600)
  const next = await server.refresh({ refreshToken: first.refreshToken })
  return {
    issued: {
      accessToken: shorten(first.accessToken),
      expiresInSeconds: first.expiresInSeconds,
      refreshToken: shorten(first.refreshToken),
      refreshTokenExpiresInSeconds: first.refreshTokenExpiresInSeconds,
      familyId: first.familyId,
    },
    claims: verified.ok ? { ...verified.claims } : { refused: verified.reason },
    rotation: {
      verdict: nameOf(next),
      ...(next.ok
        ? { refreshToken: shorten(next.refreshToken), accessToken: shorten(next.accessToken), familyId: next.familyId }
        : {}),
    },
    ok: verified.ok && next.ok && next.verdict === 'rotated' && next.refreshToken !== first.refreshToken,
  }
}

/** A token with its middle left out: enough to tell two apart, too little to use one. */
export function shorten(token: string): string {
  return token.length <= 24 ? token : `${token.slice(0, 12)}…${token.slice(-6)}`
}

const SESSION_PURPOSE = 111
