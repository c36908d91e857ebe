// A Worker with an API: it takes access tokens of type `at+jwt` with the scope for what is asked, and nothing else.
import { createVerifier, importVerificationKey, type Jwk, type Verifier } from '@tallystick/jwt'
import { systemClock } from '@tallystick/core/system'

/** Variables of the Worker. */
export interface Env {
  readonly ISSUER: string
  readonly AUDIENCE: string
  /** The issuer's public keys: `{ "keys": [ … ] }`. */
  readonly JWKS: string
}

/** What may be asked, and with which scope. */
const scopes: Readonly<Record<string, string>> = { 'GET /orders': 'orders:read', 'POST /orders': 'orders:write' }

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const scope = scopes[`${request.method} ${new URL(request.url).pathname}`]
    if (scope === undefined) return refuse(404, 'not_found')
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    // RFC 6750 §3.1: to who sends no token, no error is told.
    if (token === undefined) return refuse(401, 'invalid_token', 'Bearer')
    verifier ??= await prepare(env)
    const verified = await verifier.verify(token, systemClock.now())
    if (!verified.ok) return refuse(401, 'invalid_token', 'Bearer error="invalid_token"')
    const { sub, scope: held = '' } = verified.claims
    if (!held.split(' ').includes(scope))
      return refuse(403, 'insufficient_scope', `Bearer error="insufficient_scope", scope="${scope}"`)
    return Response.json({ sub, scope: held })
  },
}

let verifier: Verifier | undefined

async function prepare({ ISSUER: issuer, AUDIENCE: audience, JWKS }: Env): Promise<Verifier> {
  const { keys: jwks } = JSON.parse(JWKS) as { readonly keys: readonly Jwk[] }
  const keys = await Promise.all(jwks.map((jwk) => importVerificationKey(jwk, { algorithm: 'ES256' })))
  return createVerifier({ issuer, audience, type: 'at+jwt', algorithms: ['ES256'], keys })
}

function refuse(status: number, error: string, challenge?: string): Response {
  const headers = challenge === undefined ? {} : { 'www-authenticate': challenge }
  return Response.json({ error }, { status, headers: { ...headers, 'cache-control': 'no-store' } })
}
