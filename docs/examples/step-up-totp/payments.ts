// An API that takes payments: of an access token it asks what a page asks of a session, and says so (RFC 9470).
import type { Clock } from '@tallystick/core'
import { systemClock } from '@tallystick/core/system'
import type { TokenServer } from '@tallystick/server'
import { type AuthenticationRequirement, claimsMeet } from '@tallystick/session/assurance'
import { refuseStepUp } from '@tallystick/session/challenge'

export interface PaymentsOptions {
  readonly tokens: Pick<TokenServer, 'verify'>
  readonly requirement: AuthenticationRequirement
  readonly clock?: Clock | undefined
}

export function createPayments({ tokens, requirement, clock = systemClock }: PaymentsOptions) {
  return async (request: Request): Promise<Response> => {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    const verified = await tokens.verify(token)
    if (!verified.ok) return refuse(401, 'invalid_token', 'Bearer error="invalid_token"')
    const { claims } = verified
    if (!String(claims.scope).split(' ').includes('payments'))
      return refuse(403, 'insufficient_scope', 'Bearer error="insufficient_scope", scope="payments"')
    // A claim that is missing is not met.
    if (!claimsMeet(claims, requirement, clock.now())) {
      const { error } = refuseStepUp(requirement)
      return refuse(error.status, error.code, error.headers['www-authenticate'] ?? '')
    }
    const { acr, amr, auth_time: authTime } = claims
    return Response.json({ paidBy: claims.sub, acr, amr, authTime })
  }
}

function refuse(status: number, error: string, challenge: string): Response {
  return Response.json({ error }, { status, headers: { 'www-authenticate': challenge } })
}
