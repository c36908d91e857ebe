// Parallel clients of sessions at token servers in a storm, and what they were answered held against the specification.
import type { Ground } from '../world.ts'
import type { Chance } from '../chance.ts'
import { judge } from './judge.ts'
import { ask, count, type KnownSession, type Process, type Scene, SIGN_IN } from './scene.ts'
import { openStage, type SessionHistoryOptions, type Stage, stageTerms } from './stage.ts'
import {
  type Call,
  establish,
  introspect,
  introspectRefresh,
  read,
  refresh,
  revoke,
  revokeOthers,
  revokeSubject,
  update,
  use,
} from './verbs.ts'

/** What came of one recorded history of sessions. */
export interface SessionReport {
  /** How often each answer was given: `renew renewed`, `present session/superseded`, `update unanswered`. */
  readonly answers: ReadonlyMap<string, number>
  /** What must not be; each names the session. */
  readonly violations: readonly string[]
}

/** Four clients at two servers, over the sessions of one subject; all from the ground's chance. */
export async function recordSessions(ground: Ground, options: SessionHistoryOptions = {}): Promise<SessionReport> {
  const chance = ground.chance.fork(PURPOSE)
  const stage = await openStage(ground, chance, options)
  const { scene, calm, clock } = stage
  for (let first = 0; first < FIRST_SESSIONS; first += 1) await establish({ scene, server: calm })
  const processes = [stage.open(), stage.open()]
  const endShare = chance.pick(END_SHARES)
  for (let phase = 0; phase < PHASES; phase += 1) {
    const clients = Array.from({ length: CLIENTS }, (_, number) =>
      runClient(stage, processes, { number, draws: chance.fork(phase * CLIENTS + number), endShare }),
    )
    await Promise.all(clients)
    await scene.storm.settled()
    clock.advance(chance.pick(PAUSES_SECONDS))
  }
  await calm.sweep()
  await lookAtStore(stage)
  for (const session of scene.sessions) await endSession({ scene, server: calm, session, by: newestOf(session) })
  await lookAtStore(stage)
  const violations = scene.sessions.flatMap((session) => judge(scene, session, stageTerms))
  return { answers: scene.answers, violations: [...scene.breaches, ...violations] }
}

interface Client {
  readonly number: number
  readonly draws: Chance
  /** How many of its calls end sessions, as a share of 1. */
  readonly endShare: number
}

async function runClient(stage: Stage, processes: Process[], { number, draws, endShare }: Client): Promise<void> {
  const { scene, calm } = stage
  const at = number % processes.length
  for (let round = 0; round < CALLS_PER_PHASE; round += 1) {
    if (processes[at]?.isDead() === true) {
      count(scene, 'process died')
      processes[at] = stage.open()
    }
    await act(scene, processes[at]?.server ?? calm, draws, endShare)
  }
}

/** One call, drawn. */
function act(scene: Scene, server: Call['server'], draws: Chance, endShare: number): Promise<unknown> {
  const session = draws.pick(scene.sessions)
  const { names, refreshTokens, accessTokens } = session
  const by = draws.happens(NEWEST_SHARE) ? newestOf(session) : draws.pick(names)
  const call: Call = { scene, server, session, by }
  const place = draws.happens(NEWEST_SHARE) ? refreshTokens.length - 1 : draws.below(refreshTokens.length)
  const verb = draws.happens(endShare) ? draws.pick(ENDS) : draws.pick(USES)
  switch (verb) {
    case 'read':
      return read(call)
    case 'update':
      return update(call)
    case 'refresh':
      return refresh(call, place)
    case 'introspect':
      return introspect(call, draws.pick(accessTokens))
    case 'introspectRefresh':
      return introspectRefresh(call, place)
    case 'revoke':
    case 'revokeSession':
      return revoke(verb, call)
    case 'revokeOthers':
      return revokeOthers(call)
    case 'revokeSubject':
      return revokeSubject(call)
    case 'establish':
      return establish(call, draws.happens(REPLACING_SHARE) ? call : undefined)
    case 'sweep':
      return sweep(call)
    case 'present':
    case 'renew':
    case 'elevate':
    case 'reauthenticate':
    case 'issueAccessToken':
      return use(verb, call)
  }
}

/** What is left is looked at, the session ended, and everything that anybody ever held tried once more. */
async function endSession(call: Call): Promise<void> {
  const { session } = call
  const lookAtTokens = async (): Promise<void> => {
    for (const token of session.accessTokens) await introspect(call, token)
    for (const place of session.refreshTokens.keys()) await introspectRefresh(call, place)
  }
  await lookAtTokens()
  await read(call)
  await update(call)
  await revoke('revoke', call)
  for (const by of session.names) await use('present', { ...call, by })
  for (const verb of ['renew', 'elevate', 'reauthenticate', 'issueAccessToken'] as const) await use(verb, call)
  await read(call)
  await update(call)
  await lookAtTokens()
  for (const place of session.refreshTokens.keys()) await refresh(call, place)
}

/** A session and its data live as one, and none that is dated up to the subject's cut-off lives at all. */
async function lookAtStore({ scene, calm, storage, cutoff }: Stage): Promise<void> {
  const live = new Map((await calm.sessions.list(scene.subject)).map((one) => [one.sessionId, one]))
  for (const { name, sessionId } of scene.sessions) {
    const data = await storage.records.read(`session-data:${sessionId}`)
    if ((data !== undefined) !== live.has(sessionId)) scene.breaches.push(`${name} and its data do not live as one`)
    // One that was stored and never answered ends by itself: nobody holds its credential.
    const establishedAt = live.get(sessionId)?.establishedAt ?? Infinity
    if (establishedAt <= cutoff()) scene.breaches.push(`${name} outlived the revocation of its subject`)
  }
}

async function sweep({ scene, server }: Call): Promise<void> {
  const swept = await ask(scene, 'sweep', () => server.sweep())
  if (swept !== undefined) count(scene, swept.announced > 0 ? 'sweep some' : 'sweep 0')
}

function newestOf({ names }: KnownSession): string {
  return names.at(-1) ?? SIGN_IN
}

const PURPOSE = 21
const CLIENTS = 4
const PHASES = 4
const CALLS_PER_PHASE = 4
const FIRST_SESSIONS = 2
/** Around the overlap and the length of a step-up. */
const PAUSES_SECONDS: readonly number[] = [0, 1, 30, 61, 100]
/** An end is for ever, so that many of them make short lives. */
const END_SHARES: readonly number[] = [0.01, 0.04, 0.12]
const NEWEST_SHARE = 0.9
const REPLACING_SHARE = 0.5
/** By how often each is drawn. */
const USES = [
  ...repeat(8, 'present' as const),
  ...repeat(8, 'renew' as const),
  ...repeat(3, 'elevate' as const),
  ...repeat(2, 'reauthenticate' as const),
  ...repeat(3, 'issueAccessToken' as const),
  ...repeat(8, 'update' as const),
  ...repeat(4, 'read' as const),
  ...repeat(4, 'refresh' as const),
  ...repeat(4, 'introspect' as const),
  ...repeat(2, 'introspectRefresh' as const),
  ...repeat(2, 'establish' as const),
  'sweep',
] as const
const ENDS = ['revoke', 'revoke', 'revokeSession', 'revokeOthers', 'revokeSubject'] as const

function repeat<Verb>(times: number, verb: Verb): readonly Verb[] {
  return Array.from({ length: times }, () => verb)
}
