// An application in which a new e-mail address and a payment ask for a one-time code of the last five minutes.
import type { Clock } from '@tallystick/core'
import { systemClock } from '@tallystick/core/system'
import { type ApiProxyOptions, createApiProxy, createSessionHandlers, failureAnswer } from '@tallystick/http'
import type { TokenServer } from '@tallystick/server'
import type { AuthenticationRequirement } from '@tallystick/session/assurance'
import type { Storage } from '@tallystick/storage'
import { refuseUseless } from './step-up.ts'
import { useCode } from './totp.ts'

/** What is asked for, as data: of the session here, of the access token by the API. */
export const requirement: AuthenticationRequirement = { methods: ['otp'], authenticationAgeSecondsMax: 300 }

/** Your table of users. */
export interface Users {
  /** The subject where name and password are right. */
  checkPassword(name: string, password: string): Promise<string | undefined>
  /** What the user's phone makes codes from, in base32; nothing where he has none. */
  totpSecretOf(subject: string): Promise<string | undefined>
  setEmail(subject: string, address: string): Promise<void>
}

export interface AppOptions {
  readonly tokens: TokenServer
  readonly storage: Storage
  readonly users: Users
  readonly origin: string
  /** Where payments are made, and how requests get there. */
  readonly paymentsUrl: string
  readonly fetch: ApiProxyOptions['fetch']
  readonly clock?: Clock | undefined
}

export function createApp({ tokens, storage, users, origin, paymentsUrl, fetch, clock = systemClock }: AppOptions) {
  const sessions = createSessionHandlers(tokens, { origin, clock })
  const api = createApiProxy(tokens, {
    sessions,
    routes: [{ path: '/api/payments', methods: ['POST'], target: paymentsUrl, scope: 'payments' }],
    fetch,
    clock,
  })

  async function signIn(request: Request): Promise<Response> {
    const { name, password } = await bodyOf(request)
    const subject = await users.checkPassword(String(name), String(password))
    if (subject === undefined) return refuse(401, 'wrong_name_or_password')
    const authentication = { methods: ['pwd'], acr: 'aal1' }
    return (await sessions.signIn(request, { subject, authentication, scope: 'payments' })).toResponse()
  }

  async function changeEmail(request: Request): Promise<Response> {
    const user = await sessions.authenticate(request, { requirement })
    if (!user.ok) return user.toResponse()
    await users.setEmail(user.session.subject, String((await bodyOf(request))['address']))
    return user.toResponse(null, { status: 204 })
  }

  /** Asked before the user is: whether a code would be of any use. */
  async function beginStepUp(request: Request): Promise<Response> {
    const user = await sessions.authenticate(request)
    if (!user.ok) return user.toResponse()
    const { challenge } = await bodyOf(request)
    const useless = refuseUseless(challenge, user.session, STEP_UP.acr, clock.now())
    if (useless !== undefined) return user.applyTo(refuse(useless === 'invalid_request' ? 400 : 403, useless))
    const secret = await users.totpSecretOf(user.session.subject)
    if (secret === undefined) return user.applyTo(refuse(403, 'unmet_authentication_requirements'))
    return user.toResponse(null, { status: 204 })
  }

  async function stepUp(request: Request): Promise<Response> {
    const user = await sessions.authenticate(request)
    if (!user.ok) return user.toResponse()
    const { subject } = user.session
    const { code } = await bodyOf(request)
    const secret = await users.totpSecretOf(subject)
    const isRight =
      secret !== undefined && (await useCode(storage, { subject, secret, code: String(code) }, clock.now()))
    if (!isRight) return user.applyTo(refuse(403, 'wrong_code'))
    return (await sessions.elevate(request, STEP_UP)).toResponse()
  }

  const routes = new Map([
    ['/sign-in', signIn],
    ['/e-mail', changeEmail],
    ['/step-up/begin', beginStepUp],
    ['/step-up', stepUp],
    ['/api/payments', api.handle],
  ])
  return async (request: Request): Promise<Response> => {
    const route = routes.get(new URL(request.url).pathname)
    if (request.method !== 'POST' || route === undefined) return refuse(404, 'not_found')
    return route(request).catch((error: unknown) => failureAnswer(error).toResponse())
  }
}

/** What was proved just now, alone: the password was proved at the sign-in, and its time stays that one. */
const STEP_UP = { methods: ['otp'], acr: 'aal2' }

async function bodyOf(request: Request): Promise<Readonly<Record<string, unknown>>> {
  return Object(await request.json().catch(() => undefined)) as Readonly<Record<string, unknown>>
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store' } })
}
