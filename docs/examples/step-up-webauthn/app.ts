// An application in which a new e-mail address and a payment ask for a passkey that was used in the last five minutes.
import type { Clock } from '@tallystick/core'
import { systemClock } from '@tallystick/core/system'
import { type ApiProxyOptions, createApiProxy, createSessionHandlers, failureAnswer } from '@tallystick/http'
import type { PublicSession, TokenServer } from '@tallystick/server'
import type { AuthenticationRequirement } from '@tallystick/session/assurance'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { refuseUseless } from '../step-up-totp/step-up.ts'
import { createPasskeys, type Holder, type PasskeyTable, type RelyingParty } from './passkeys.ts'

/** `phr`: resistant to phishing, which no code that is typed can be. */
const ACR = 'phr'
export const requirement: AuthenticationRequirement = {
  acr: ACR,
  methods: ['mfa'],
  authenticationAgeSecondsMax: 300,
}
/** Who adds a first passkey has just typed the password; a further one needs a passkey. */
const recentPassword: AuthenticationRequirement = { methods: ['pwd'], authenticationAgeSecondsMax: 300 }

export interface AppOptions {
  readonly tokens: TokenServer
  readonly passkeyTable: PasskeyTable
  readonly relyingParty: RelyingParty
  /** Your table of users. */
  readonly checkPassword: (name: string, password: string) => Promise<string | undefined>
  readonly setEmail: (subject: string, address: string) => Promise<void>
  readonly paymentsUrl: string
  readonly fetch: ApiProxyOptions['fetch']
  readonly clock?: Clock | undefined
  readonly development?: 'http-localhost' | undefined
}

export function createApp(options: AppOptions) {
  const { tokens, passkeyTable: table, relyingParty, clock = systemClock, development } = options
  const sessions = createSessionHandlers(tokens, { origin: relyingParty.origin, clock, development })
  const passkeys = createPasskeys({ sessions: tokens.sessions, table, relyingParty, clock })
  const api = createApiProxy(tokens, {
    sessions,
    routes: [{ path: '/api/payments', methods: ['POST'], target: options.paymentsUrl, scope: 'payments' }],
    fetch: options.fetch,
    clock,
  })

  /** Runs a handler for a user who is signed in, and well enough. */
  const forUser =
    (handle: Handle, required?: AuthenticationRequirement) =>
    async (request: Request): Promise<Response> => {
      const user = await sessions.authenticate(request, { requirement: required })
      if (!user.ok) return user.toResponse()
      const { session, credential } = user
      return user.applyTo(await handle({ session, credential, subject: session.subject }, await bodyOf(request)))
    }

  async function signIn(request: Request): Promise<Response> {
    const { name, password } = await bodyOf(request)
    const subject = await options.checkPassword(String(name), String(password))
    if (subject === undefined) return refuse(401, 'wrong_name_or_password')
    const authentication = { methods: ['pwd'], acr: 'aal1' }
    return (await sessions.signIn(request, { subject, authentication, scope: 'payments' })).toResponse()
  }

  /** Whoever changes how a user signs in has just proved to be the user, as well as he could until now. */
  const withFactor = (handle: Handle) => async (request: Request) => {
    const user = await sessions.readOnly.authenticate(request)
    const hasPasskey = user.ok && (await table.listOf(user.session.subject)).length > 0
    return forUser(handle, hasPasskey ? requirement : recentPassword)(request)
  }

  async function stepUp(request: Request): Promise<Response> {
    const user = await sessions.authenticate(request)
    if (!user.ok) return user.toResponse()
    const { session, credential } = user
    const answer = (await bodyOf(request)) as object as AuthenticationResponseJSON
    const methods = await passkeys.authenticate({ subject: session.subject, credential }, answer)
    if (methods === undefined) return user.applyTo(refuse(403, 'passkey_refused'))
    // Alone, and not through `user.applyTo`: its cookie is the newer one.
    return (await sessions.elevate(request, { methods, acr: ACR })).toResponse()
  }

  const routes = new Map([
    ['/sign-in', signIn],
    ['/passkeys/begin', withFactor(async (user) => Response.json(await passkeys.beginRegistration(user)))],
    [
      '/passkeys',
      withFactor(async (user, body) => {
        const isGood = await passkeys.register(user, body as object as RegistrationResponseJSON)
        return isGood ? new Response(null, { status: 204 }) : refuse(403, 'passkey_refused')
      }),
    ],
    [
      '/step-up/begin',
      forUser(async (user, { challenge }) => {
        const useless = refuseUseless(challenge, user.session, ACR, clock.now())
        if (useless !== undefined) return refuse(useless === 'invalid_request' ? 400 : 403, useless)
        const asked = await passkeys.beginAuthentication(user)
        return asked === undefined ? refuse(403, 'unmet_authentication_requirements') : Response.json(asked)
      }),
    ],
    ['/step-up', stepUp],
    [
      '/e-mail',
      forUser(async ({ subject }, { address }) => {
        await options.setEmail(subject, String(address))
        return new Response(null, { status: 204 })
      }, requirement),
    ],
    ['/api/payments', api.handle],
  ])
  return async (request: Request): Promise<Response> => {
    const route = routes.get(new URL(request.url).pathname)
    if (request.method !== 'POST' || route === undefined) return refuse(404, 'not_found')
    return route(request).catch((error: unknown) => failureAnswer(error).toResponse())
  }
}

type Body = Readonly<Record<string, unknown>>
type Handle = (user: Holder & { readonly session: PublicSession }, body: Body) => Promise<Response>

async function bodyOf(request: Request): Promise<Body> {
  return Object(await request.json().catch(() => undefined)) as Body
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store' } })
}
