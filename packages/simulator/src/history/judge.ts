// What may come back to whom: honest clients are served, ended families never are.
import type { RefreshResult } from '@tallystick/server'
import { nameOf } from '../outcome.ts'
import type { World } from '../world.ts'
import { type Household, isOwedService } from './household.ts'
import { generationOf, type Ledger } from './ledger.ts'

/** A request at the moment it was made. */
export interface Asked {
  readonly household: Household
  readonly presented: string
  /** Whether the end of the family had been answered by then. */
  readonly wasEnded: boolean
}

/** Notes a request before it is made. */
export function ask(household: Household, presented: string): Asked {
  return { household, presented, wasEnded: household.ended }
}

/** Judges an answer to an honest client: served or superseded, unless somebody gave it reason to expect less. */
export function judgeHonest(history: { readonly ledger: Ledger }, asked: Asked, answer: RefreshResult): void {
  judgeAnyone(history, asked, answer)
  if (answer.ok && answer.verdict === 'rotated' && asked.household.jar.keyed) {
    asked.household.ownGenerations.add(generationOf(answer.refreshToken))
  }
  if (answer.ok || !isOwedService(asked.household) || answer.reason === 'refresh_token/superseded') return
  history.ledger.violate(`an honest client was refused: ${nameOf(answer)}`)
}

/** Judges an answer to anybody: once the end of a family was answered nothing succeeds. */
export function judgeAnyone(
  { ledger }: { readonly ledger: Ledger },
  { household, presented, wasEnded }: Asked,
  answer: RefreshResult,
): void {
  ledger.answer(presented, answer)
  if (wasEnded && answer.ok) ledger.violate(`an ended family was served (${nameOf(answer)})`)
  if (wasEnded && !answer.ok && !ENDED_REASONS.has(answer.reason)) {
    ledger.violate(`an ended family was refused as ${nameOf(answer)}`)
  }
  if (answer.ok || answer.reason !== 'refresh_token/replayed') return
  household.ended = true
  household.condemned = true
}

/** Before a revocation returns, the log names it. */
export async function checkAnnounced(world: World, ledger: Ledger, households: readonly Household[]): Promise<void> {
  const named = new Set<string>()
  for (let cursor: string | undefined, more = true; more;) {
    const page = await world.storage.revocations?.since(cursor)
    for (const { target } of page?.entries ?? []) {
      if (target.kind === 'family') named.add(target.familyId)
      if (target.kind === 'subject') named.add(target.subject)
    }
    cursor = page?.cursor
    more = page?.more ?? false
  }
  for (const { jar, lapsed } of households) {
    if (lapsed || named.has(jar.familyId) || named.has(jar.subject)) continue
    ledger.violate('a revocation returned before the log named it')
  }
}

const ENDED_REASONS: ReadonlySet<string> = new Set([
  'refresh_token/revoked',
  'refresh_token/expired',
  'refresh_token/unknown',
])
