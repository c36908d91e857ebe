// What the parallel clients of sessions know and have seen: credentials by name, tokens, and every call of the history.
import type { Clock } from '@tallystick/core'
import { isTokenError } from '@tallystick/core'
import type { EstablishResult, TokenServer } from '@tallystick/server'
import type { RecordedCall } from '@tallystick/storage/linearizability'
import type { Storm } from './storm.ts'
import type { SessionAction } from './specification.ts'

/** An access token that somebody was given. */
export interface KnownAccessToken {
  readonly token: string
  readonly expiresAt: number
  /** The name of the credential it was issued for; absent for the token that came with a refresh token. */
  readonly by?: string | undefined
}

/** A session that the clients know, and its history. */
export interface KnownSession {
  readonly name: string
  readonly sessionId: string
  readonly establishedAt: number
  /** When its establishing was answered, as an event of the history. */
  readonly begunAt: number
  /** Its credentials that anybody was given, in that order: their names, and the texts of the names. */
  readonly names: string[]
  readonly texts: Map<string, string>
  readonly refreshTokens: string[]
  readonly accessTokens: KnownAccessToken[]
  readonly calls: RecordedCall<SessionAction>[]
  readonly breaches: string[]
}

/** A call that ends sessions of a subject, whichever it finds. */
export interface Sweeping {
  readonly begin: number
  readonly end?: number | undefined
  readonly verb: 'revokeSubject' | 'revokeOthers'
  /** The session that is spared. */
  readonly but?: KnownSession | undefined
  /** How many it says it ended. */
  readonly revoked?: number | undefined
}

/** Where a history plays. */
export interface Scene {
  readonly clock: Clock
  readonly subject: string
  readonly storm: Storm
  readonly sessions: KnownSession[]
  readonly sweepings: Sweeping[]
  /** How often each answer was given. */
  readonly answers: Map<string, number>
  /** What was seen beside the sessions. */
  readonly breaches: string[]
  /** Counts an event of the history. */
  tick(): number
}

/** Counts an answer. */
export function count({ answers }: Pick<Scene, 'answers'>, answer: string): void {
  answers.set(answer, (answers.get(answer) ?? 0) + 1)
}

/** Writes a call down; one that nobody was answered for has no end. */
export function record(
  { calls }: Pick<KnownSession, 'calls'>,
  { begin, end }: { readonly begin: number; readonly end?: number | undefined },
  ...actions: readonly SessionAction[]
): void {
  for (const action of actions) calls.push({ begin, end, action })
}

/** Asks a server. @returns `undefined` where the call failed, as in a storm any may; another failure is a breach. */
export async function ask<Answer>(
  scene: Scene,
  verb: string,
  call: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await call()
  } catch (thrown) {
    const code = isTokenError(thrown) ? thrown.code : String(thrown)
    if (!FAILURES.has(code)) scene.breaches.push(`${verb} threw ${code}`)
    count(scene, `${verb} ${code === 'ERR_SUBJECT_REVOKED' ? code : 'unanswered'}`)
    return undefined
  }
}

/** A session that was just established. */
export function meetSession(
  scene: Scene,
  { begin, end }: { readonly begin: number; readonly end: number },
  { credential, session, tokens }: Extract<EstablishResult, { readonly ok: true }>,
): KnownSession {
  const at = scene.clock.now()
  const known: KnownSession = {
    name: `session ${scene.sessions.length}`,
    sessionId: session.sessionId,
    establishedAt: session.establishedAt,
    begunAt: end,
    names: [SIGN_IN],
    texts: new Map([[SIGN_IN, credential]]),
    refreshTokens: [tokens?.refreshToken ?? ''],
    accessTokens: [],
    calls: [],
    breaches: [],
  }
  record(known, { begin, end }, { verb: 'establish', at, credential: SIGN_IN })
  if (tokens !== undefined) {
    const expiresAt = Math.max(at, session.establishedAt) + tokens.expiresInSeconds
    known.accessTokens.push({ token: tokens.accessToken, expiresAt })
  }
  scene.sessions.push(known)
  return known
}

/** The text of a credential by its name. */
export function textOf({ texts }: KnownSession, name: string): string {
  return texts.get(name) ?? ''
}

/** Learns what a call gave out; the same name must always have the same text, and no two names have one. */
export function learn({ names, texts, breaches }: KnownSession, name: string, text: string): string {
  const standing = texts.get(name)
  if (standing === text) return name
  if (standing !== undefined) breaches.push(`${name} was given out with two texts`)
  if ([...texts.values()].includes(text)) breaches.push(`${name} has the text of another credential`)
  names.push(name)
  texts.set(name, text)
  return name
}

/** Whether a credential comes from a step-up: itself, or renewed from one. Only such a one may have its power. */
export function isOfElevation(name: string): boolean {
  return name.startsWith(ELEVATED)
}

/** The server that a client talks to; another takes its place once it has died. */
export interface Process {
  readonly server: TokenServer
  isDead(): boolean
}

/** The name of a session's first credential. */
export const SIGN_IN = 'sign-in'
/** How the names begin of credentials that come from a step-up. */
export const ELEVATED = 'elevated'
/** The failures of a storm; no verdict was given. */
const FAILURES: ReadonlySet<string> = new Set([
  'ERR_STORAGE_UNAVAILABLE',
  'ERR_STORAGE_CONTENDED',
  'ERR_REVOCATION_LOG_UNAVAILABLE',
  'ERR_SUBJECT_REVOKED',
])
