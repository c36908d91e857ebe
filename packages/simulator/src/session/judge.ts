// Whether one caller at a time could have been answered what the parallel clients of a session were.
import { isLinearizable, type RecordedCall } from '@tallystick/storage/linearizability'
import type { KnownSession, Scene, Sweeping } from './scene.ts'
import { type SessionAction, type SessionTerms, specifySession } from './specification.ts'

/** What a session's history holds that must not be. */
export function judge({ sweepings }: Scene, session: KnownSession, terms: SessionTerms): readonly string[] {
  const { name, calls, breaches } = session
  const all = [...calls, ...sweepings.flatMap((sweeping) => onSession(sweeping, session))]
  if (breaches.length === 0 && isLinearizable(specifySession(terms), all)) return []
  const history = all.toSorted((one, other) => one.begin - other.begin).map((call) => JSON.stringify(call))
  return [`${name}: ${breaches.join(', ') || 'no order explains'}\n${history.join('\n')}`]
}

/** What a call that goes through all sessions does to one: it ends that for certain where it was there before. */
function onSession(sweeping: Sweeping, session: KnownSession): readonly RecordedCall<SessionAction>[] {
  const { begin, end, verb, but, revoked } = sweeping
  if (but === session) return []
  // Meanwhile some process may know of it, and end the session by itself where it is used.
  const pending: readonly SessionAction[] = verb === 'revokeSubject' ? [{ verb: 'condemn' }, { verb: 'revoke' }] : []
  const isCertain = end !== undefined && session.begunAt < begin
  const answered: readonly SessionAction[] = isCertain
    ? [{ verb: 'revoke', revoked: revoked === 0 ? 0 : undefined }, { verb: 'erase' }]
    : []
  const possible: readonly SessionAction[] = isCertain ? pending : [...pending, { verb: 'revoke' }]
  return [...possible.map((action) => ({ begin, action })), ...answered.map((action) => ({ begin, end, action }))]
}
