// Which combinations are crossed with which: three full products, that together are some million cases.
import { RETRY_WINDOW_SECONDS, type RotateCase, TOLERANCE_SECONDS } from './case.ts'

/** A product: every value of every dimension with every value of every other. */
export type Product = { readonly [Field in keyof RotateCase]: ReadonlyArray<RotateCase[Field]> }

const ONE: Product = {
  behind: [0],
  first: [false],
  record: ['live'],
  age: [RETRY_WINDOW_SECONDS],
  grace: [10],
  attempt: ['no key'],
  by: ['client'],
  used: [false],
  closed: [false],
  binding: ['unbound'],
  client: ['right'],
  log: ['absent'],
  risk: [undefined],
  elevate: [false],
  rotation: ['always'],
  asks: ['nothing'],
  exhausted: [false],
  secret: ['recorded'],
}
const BEHIND = [0, 1, 2, 3, -1, -5000]
const BOTH = [false, true]

function agesAround(grace: number): readonly number[] {
  const window = RETRY_WINDOW_SECONDS
  const edges = [-TOLERANCE_SECONDS - 1, -TOLERANCE_SECONDS, 0, grace - 1, grace, window - 1, window]
  return [...new Set([...edges, grace + TOLERANCE_SECONDS - 1, grace + TOLERANCE_SECONDS])]
}

/** Which row holds for a token that may be served: relation, time, proof, use, step-up, policy. */
const judgement = ([0, 10] as const).map((grace): Product => ({
  ...ONE,
  behind: BEHIND,
  first: BOTH,
  age: agesAround(grace),
  grace: [grace],
  attempt: [
    'no key',
    'own write',
    'own write before last',
    'same key',
    'key before last',
    'key of the token before',
    'other key',
  ],
  by: ['client', 'call'],
  used: BOTH,
  closed: BOTH,
  binding: [
    'unbound',
    'unbound, nonce fresh',
    'unbound, nonce required',
    'bound',
    'bound, nonce fresh',
    'bound, nonce required',
  ],
  log: ['absent', 'clear'],
  elevate: BOTH,
  rotation: ['always', 'never'],
}))

/** Whether the record is good and who asks: ends, tombstones, log, client, binding. */
const standing = ([0, 10] as const).map((grace): Product => ({
  ...ONE,
  behind: BEHIND,
  first: BOTH,
  record: ['live', 'idle end', 'absolute end', 'ended', 'ended by this call: replay', 'ended by this call'],
  age: [-TOLERANCE_SECONDS - 1, -TOLERANCE_SECONDS, 0, 10, RETRY_WINDOW_SECONDS],
  grace: [grace],
  attempt: ['no key', 'same key', 'own write'],
  by: ['client', 'call'],
  binding: [
    'unbound',
    'unbound, nonce fresh',
    'unbound, nonce required',
    'bound',
    'bound, nonce fresh',
    'bound, nonce required',
    'bound, other key',
    'bound, other type',
    'bound, no proof',
  ],
  client: ['right', 'wrong'],
  log: ['absent', 'unread', 'clear', 'named', 'unreadable'],
  elevate: BOTH,
}))

/** What stands against serving: scope, resources, nonce, risk, the last generation, the ring of secrets. */
const objections: Product = {
  ...ONE,
  behind: BEHIND,
  first: BOTH,
  age: [0, 10, RETRY_WINDOW_SECONDS],
  attempt: ['no key', 'same key', 'own write'],
  by: ['client', 'call'],
  binding: ['unbound', 'unbound, nonce required', 'bound', 'bound, nonce fresh', 'bound, nonce required'],
  log: ['absent', 'clear'],
  risk: [undefined, 'unasked', 'serve', 'step_up', 'revoke'],
  elevate: BOTH,
  rotation: ['always', 'never'],
  asks: ['nothing', 'less', 'more scope', 'more resources'],
  exhausted: BOTH,
  secret: ['recorded', 'other', 'gone'],
}

/** All products. */
export const products: readonly Product[] = [...judgement, ...standing, objections]

/** Calls `visit` for every case that can exist. */
export function forEachCase(product: Product, visit: (c: RotateCase) => void): void {
  const fields = Object.keys(product) as ReadonlyArray<keyof RotateCase>
  const c: Record<string, unknown> = {}
  const descend = (at: number): void => {
    const field = fields[at]
    if (field === undefined) {
      if (canExist(c as unknown as RotateCase)) visit(c as unknown as RotateCase)
      return
    }
    for (const value of product[field]) {
      c[field] = value
      descend(at + 1)
    }
  }
  descend(0)
}

function canExist(c: RotateCase): boolean {
  // A family's first generation has no predecessors.
  if (c.first && c.behind > 0) return false
  // A client's key is recorded where a client sent one, and the call's random value where none did.
  if ((c.attempt === 'same key' || c.attempt === 'key of the token before') && c.by !== 'client') return false
  if (c.attempt === 'own write' && c.by !== 'call') return false
  // For any other token than one that is ahead of the store the log is not read to its end.
  return c.log !== 'clear' || c.behind < 0 || c.record !== 'live' || c.client === 'wrong'
}
