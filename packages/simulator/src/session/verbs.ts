// What clients do with sessions, each call written down with what the specification has to explain.
import type { AccessTokenSet, TokenServer } from '@tallystick/server'
import { AUDIENCE, ISSUER } from '../world.ts'
import {
  ask,
  count,
  ELEVATED,
  isOfElevation,
  type KnownAccessToken,
  type KnownSession,
  learn,
  meetSession,
  record,
  type Scene,
  textOf,
} from './scene.ts'
import type { UseAction, UseAnswer } from './specification.ts'

/** One call of a client. */
export interface Call {
  readonly scene: Scene
  readonly server: TokenServer
  readonly session: KnownSession
  /** The name of the credential that is presented. */
  readonly by: string
}

/** Presents, renews, elevates, authenticates again, or has an access token issued. */
export async function use(verb: UseAction['verb'] | 'issueAccessToken', call: Call): Promise<void> {
  const { scene, server, session, by } = call
  const began = begin(call)
  const result = await ask<UseResult>(scene, verb, () => {
    const text = textOf(session, by)
    switch (verb) {
      case 'elevate':
      case 'reauthenticate':
        return server.sessions[verb](text, verb === 'elevate' ? STRONGER : AUTHENTICATION)
      case 'present':
      case 'renew':
      case 'issueAccessToken':
        return server.sessions[verb](text)
    }
  })
  const end = scene.tick()
  const lawVerb = verb === 'issueAccessToken' ? 'present' : verb
  const next = verb === 'elevate' ? `${ELEVATED}${began.begin}` : `${verb}${began.begin}`
  const action = { verb: lawVerb, at: began.at, by, next: verb === 'renew' ? successorOf(by) : next } as const
  if (result === undefined) return record(session, began, action)
  count(scene, `${verb} ${result.ok ? (result.verdict ?? 'served') : result.reason}`)
  if (!result.ok) return refused(call, { ...began, end }, action, result.reason)
  if ('accessToken' in result) keepToken(call, began.at, result)
  const answer = learnAnswer(call, action, result)
  record(session, { ...began, end }, { ...action, answer })
}

type UseResult =
  | ({ readonly ok: true; readonly verdict?: string } & (
      | { readonly credential?: string | undefined; readonly session: { readonly isElevated: boolean } }
      | (AccessTokenSet & { readonly session?: undefined; readonly credential?: undefined })
    ))
  | { readonly ok: false; readonly reason: string }

function learnAnswer(
  { session, by }: Call,
  action: UseAction,
  { credential, session: view }: Extract<UseResult, { readonly ok: true }>,
): UseAnswer {
  const isElevated = view?.isElevated
  if (isElevated === true && action.verb !== 'elevate' && !isOfElevation(by)) {
    session.breaches.push(`${by} is of before the step-up, and was told of its power`)
  }
  // An access token says nothing of the credential; everybody else keeps what it has where it is given no other.
  if (view === undefined) return {}
  if (credential === undefined || credential === textOf(session, by)) return { credential: by, isElevated }
  const name = action.verb === 'present' ? successorOf(by) : action.next
  return { credential: learn(session, name, credential), isElevated }
}

/** Reads the data. */
export async function read(call: Call): Promise<void> {
  const { scene, server, session, by } = call
  const began = begin(call)
  const result = await ask(scene, 'read', () => server.sessions.read(textOf(session, by)))
  const end = scene.tick()
  const action = presentation(call, began.at)
  if (result === undefined) return record(session, began, action)
  count(scene, `read ${result.ok ? 'served' : result.reason}`)
  if (!result.ok) return refused(call, { ...began, end }, action, result.reason)
  learnAnswer(call, action, result)
  const answer = { isElevated: result.session.isElevated }
  record(session, { ...began, end }, { ...action, answer }, { verb: 'read', data: String(result.data) })
}

/** Adds a word to the data. */
export async function update(call: Call): Promise<void> {
  const { scene, server, session, by } = call
  const began = begin(call)
  const change = String(began.begin)
  let letIn: number | undefined
  const result = await ask(scene, 'update', () =>
    server.sessions.update(textOf(session, by), (data) => {
      letIn ??= scene.tick()
      return `${String(data)}${change} `
    }),
  )
  const end = scene.tick()
  const action = presentation(call, began.at)
  // It is run only for who was let in.
  if (letIn !== undefined) record(session, { ...began, end: letIn }, { ...action, answer: {} })
  if (result === undefined) return record(session, began, letIn === undefined ? action : { verb: 'update', change })
  count(scene, `update ${result.ok ? 'served' : result.reason}`)
  if (result.ok) return updated(call, { begin: letIn ?? began.begin, end }, change, String(result.data))
  if (letIn === undefined) return refused(call, { ...began, end }, action, result.reason)
  if (result.reason !== 'session/revoked') session.breaches.push(`update was let in and refused: ${result.reason}`)
  record(session, { begin: letIn, end }, { verb: 'read', data: undefined })
}

/** Where a write was sent twice, others may have written in between: the answer is then what stands there by now. */
function updated(
  { scene, session }: Call,
  span: { readonly begin: number; readonly end: number },
  change: string,
  data: string,
): void {
  if (scene.storm.weather.resendEvery === 0 || data.endsWith(` ${change} `) || data === `${change} `) {
    return record(session, span, { verb: 'update', change, data })
  }
  record(session, span, { verb: 'update', change }, { verb: 'read', data })
}

/** Refreshes the tokens that were issued with the session. */
export async function refresh({ scene, server, session }: Call, place: number): Promise<void> {
  const began = { begin: scene.tick() }
  const at = scene.clock.now()
  const { refreshTokens, accessTokens } = session
  const result = await ask(scene, 'refresh', () => server.refresh({ refreshToken: refreshTokens[place] ?? '' }))
  const span = { ...began, end: scene.tick() }
  const action = { verb: 'refresh', place } as const
  if (result === undefined) return record(session, began, action)
  if (result.ok) {
    count(scene, 'refresh served')
    refreshTokens[place + 1] ??= result.refreshToken
    if (refreshTokens[place + 1] !== result.refreshToken) session.breaches.push(`token ${place} has two successors`)
    const expiresAt = Math.max(at, session.establishedAt) + result.expiresInSeconds
    accessTokens.push({ token: result.accessToken, expiresAt })
    return record(session, span, { ...action, answer: { place: place + 1 } })
  }
  const reason = result.reason.replace('refresh_token/', '')
  count(scene, `refresh ${reason}`)
  record(session, span, { ...action, answer: { reason } }, { verb: 'erase' })
  if (scene.storm.weather.resendEvery > 0) record(session, began, action)
}

/** Signs out, or has an administrator end the session. */
export async function revoke(verb: 'revoke' | 'revokeSession', { scene, server, session, by }: Call): Promise<void> {
  const began = { begin: scene.tick() }
  const result = await ask(scene, verb, () =>
    verb === 'revoke'
      ? server.sessions.revoke(textOf(session, by))
      : server.revokeSession(session.sessionId, 'administrator'),
  )
  const end = scene.tick()
  if (result === undefined) return record(session, began, { verb: 'revoke' })
  count(scene, `${verb} ${result.revoked}`)
  record(session, { ...began, end }, { verb: 'revoke', revoked: result.revoked }, { verb: 'erase' })
}

/** Ends every other session of the subject. */
export async function revokeOthers(call: Call): Promise<void> {
  const { scene, server, session, by } = call
  const began = begin(call)
  const result = await ask(scene, 'revokeOthers', () => server.sessions.revokeOthers(textOf(session, by)))
  const end = scene.tick()
  const action = presentation(call, began.at)
  if (result?.ok === false) {
    count(scene, `revokeOthers ${result.reason}`)
    return refused(call, { ...began, end }, action, result.reason)
  }
  const span = result === undefined ? began : { ...began, end }
  record(session, span, result === undefined ? action : { ...action, answer: {} })
  scene.sweepings.push({ ...span, verb: 'revokeOthers', but: session, revoked: result?.revoked })
  if (result !== undefined) count(scene, `revokeOthers ${result.revoked > 0 ? 'some' : 0}`)
}

/** Ends everything of the subject. */
export async function revokeSubject({ scene, server }: Pick<Call, 'scene' | 'server'>): Promise<void> {
  const began = { begin: scene.tick() }
  const result = await ask(scene, 'revokeSubject', () => server.revokeSubject(scene.subject, 'locked'))
  const span = result === undefined ? began : { ...began, end: scene.tick() }
  scene.sweepings.push({ ...span, verb: 'revokeSubject', revoked: result?.revoked })
  if (result !== undefined) count(scene, `revokeSubject ${result.revoked > 0 ? 'some' : 0}`)
}

/** Signs the subject in, in the place of another session where one is given. */
export async function establish(
  { scene, server }: Pick<Call, 'scene' | 'server'>,
  replaced?: Pick<Call, 'session' | 'by'>,
): Promise<KnownSession | undefined> {
  const began = { begin: scene.tick() }
  const replaces = replaced && textOf(replaced.session, replaced.by)
  const request = { subject: scene.subject, authentication: AUTHENTICATION, data: '', refreshToken: true, replaces }
  const result = await ask(scene, 'establish', () => server.sessions.establish(request))
  const end = scene.tick()
  const isServed = result?.ok === true
  if (replaced !== undefined) {
    const span = isServed ? { ...began, end } : began
    record(replaced.session, span, { verb: 'revoke' }, ...(isServed ? [{ verb: 'erase' } as const] : []))
  }
  if (!isServed) return undefined
  count(scene, replaced === undefined ? 'establish served' : 'establish replacing')
  return meetSession(scene, { ...began, end }, result)
}

/** Asks what an access token is. */
export async function introspect(call: Call, { token, expiresAt, by }: KnownAccessToken): Promise<void> {
  const { scene, server, session } = call
  const began = begin(call)
  const result = await ask(scene, 'introspect', () => server.introspect({ token, resourceServer: AUDIENCE }))
  if (result === undefined) return
  const isActive = result.active
  count(scene, `introspect ${isActive ? 'active' : 'inactive'}`)
  if (isActive && result['acr'] === STRONGER.acr && !isOfElevation(by ?? '')) {
    session.breaches.push(`${by} is of before the step-up, and its access token has its power`)
  }
  record(session, { ...began, end: scene.tick() }, { verb: 'introspect', isActive, at: began.at, expiresAt })
}

/** Asks what a refresh token is. */
export async function introspectRefresh(call: Call, place: number): Promise<void> {
  const { scene, server, session } = call
  const began = begin(call)
  const token = session.refreshTokens[place] ?? ''
  const result = await ask(scene, 'introspect', () => server.introspect({ token, resourceServer: ISSUER }))
  if (result === undefined) return
  count(scene, `introspect refresh ${result.active ? 'active' : 'inactive'}`)
  record(session, { ...began, end: scene.tick() }, { verb: 'introspectRefresh', isActive: result.active, place })
}

/** A refusal; who is told of an end is told once it is carried through. */
function refused(
  { scene, session }: Call,
  span: { readonly begin: number; readonly end: number },
  action: UseAction,
  told: string,
): void {
  const reason = told.replace('session/', '')
  record(session, span, { ...action, answer: { reason } })
  if (reason === 'revoked' || reason === 'replayed') record(session, span, { verb: 'erase' })
  // It may have been served, and its session ended before it was done; or sent twice, and overtaken in between.
  const isTwofold = reason === 'revoked' || scene.storm.weather.resendEvery > 0
  if (isTwofold) record(session, { begin: span.begin }, action)
}

function begin({ scene }: Pick<Call, 'scene'>): { readonly begin: number; readonly at: number } {
  return { begin: scene.tick(), at: scene.clock.now() }
}

function presentation({ by }: Call, at: number): UseAction {
  return { verb: 'present', at, by, next: '' }
}

function successorOf(name: string): string {
  return `${name}'`
}

function keepToken({ session, by }: Call, at: number, { accessToken, expiresInSeconds }: AccessTokenSet): void {
  const expiresAt = Math.max(at, session.establishedAt) + expiresInSeconds
  session.accessTokens.push({ token: accessToken, expiresAt, by })
}

const AUTHENTICATION = { methods: ['pwd'], acr: 'silver' }
const STRONGER = { methods: ['pwd', 'otp'], acr: 'gold' }
