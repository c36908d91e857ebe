// One table per package maps each of its reasons to what the outside may see; this file turns a table into refusals.
import type { OAuthError, Refusal } from './result.ts'

/** What the outside may see of one reason. */
export interface RefusalRow {
  /** The `error` code: `invalid_grant`, `invalid_token` … */
  readonly code: string
  /** The HTTP status. */
  readonly status: number
  /** The `error_description`: for developers, never with a value from the request. */
  readonly description: string
  /** Response headers that belong to the refusal; none where absent. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Builds a package's refusals, each made once and frozen, so that refusing costs nothing.
 *
 * @param table - Write it with `satisfies Record<Reason, RefusalRow>`: a new reason then does not compile unmapped.
 * @returns A function from reason to the refusal.
 * @example
 * const refuse = defineRefusals({ 'shop/closed': { code: 'temporarily_unavailable', status: 503, description: 'closed' } })
 * refuse('shop/closed').error.status // => 503
 */
export function defineRefusals<Reason extends string>(
  table: Readonly<Record<Reason, RefusalRow>>,
): (reason: Reason) => Refusal<Reason> {
  const refusals = new Map<Reason, Refusal<Reason>>()
  for (const reason of Object.keys(table) as Reason[]) {
    const { code, status, description, headers } = table[reason]
    const error: OAuthError = Object.freeze({ code, description, status, headers: Object.freeze({ ...headers }) })
    refusals.set(reason, Object.freeze({ ok: false, reason, error }))
  }
  return (reason) => {
    const refusal = refusals.get(reason)
    if (refusal === undefined) throw new TypeError(`no refusal is defined for this reason`)
    return refusal
  }
}
