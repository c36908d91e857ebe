// The other commands, confirm, revoke and announce: their rows and their few combinations.
import { numericDate } from '@tallystick/core'
import type { Command } from '../../src/command.ts'
import type { RefreshTokenFamily } from '../../src/state.ts'
import { type Given, given, NOW, type RotateCase } from './case.ts'

export interface TouchCase {
  readonly command: 'confirm' | 'revoke' | 'announce'
  readonly record: 'active' | 'revoked' | 'revoked by this call'
  readonly expired: boolean
  readonly announced: boolean
  readonly used: boolean
  /** The confirmed generation minus the recorded one. */
  readonly ahead: number
  /** The revocation log names the family's subject already. */
}

export interface TouchRow {
  readonly case: string
  readonly verdict: string
  readonly next: string
  readonly tells: readonly string[]
  readonly after: (family: RefreshTokenFamily) => RefreshTokenFamily
  readonly when: (c: TouchCase) => boolean
}

const same = (family: RefreshTokenFamily): RefreshTokenFamily => family
const REVOKED = ['refresh_token.revoked']
const revoke = (family: RefreshTokenFamily): RefreshTokenFamily => ({
  ...family,
  status: 'revoked',
  revokedAt: NOW,
  revokedBy: 'this call',
  cause: 'sign_out',
  announced: false,
})

const row = (
  name: string,
  verdict: string,
  next: string,
  when: TouchRow['when'],
  after: TouchRow['after'] = same,
  tells: readonly string[] = [],
): TouchRow => ({ case: name, verdict, next, when, after, tells })

/** All rows of the other commands, in order. */
export const touchRows: readonly TouchRow[] = [
  row(
    'confirm of generation n, of a live family, for the first time',
    'confirmed',
    '`successorUsed`',
    (c) => c.command === 'confirm' && c.record === 'active' && !c.used && c.ahead === 0,
    (family) => ({ ...family, successorUsed: true }),
  ),
  row('confirm otherwise', 'unchanged', 'unchanged', (c) => c.command === 'confirm'),
  row(
    'revoke of a live family',
    'revoked',
    'revoked, to be announced',
    (c) => c.command === 'revoke' && c.record === 'active',
    revoke,
    REVOKED,
  ),
  row(
    'revoke by the call that revoked it (its write was sent twice)',
    'revoked',
    'unchanged',
    (c) => c.command === 'revoke' && c.record === 'revoked by this call',
    same,
    REVOKED,
  ),
  row('revoke of an ended family', 'unchanged', 'unchanged', (c) => c.command === 'revoke'),
  row(
    'announce of a revocation that is not in the log yet',
    'announced',
    '`announced`',
    (c) => c.command === 'announce' && c.record !== 'active' && !c.announced,
    (family) => ({ ...family, announced: true }),
  ),
  row('announce otherwise', 'unchanged', 'unchanged', (c) => c.command === 'announce'),
]

const BOTH = [false, true]

/** Every combination of the other commands. */
export const touchCases: readonly TouchCase[] = (['confirm', 'revoke', 'announce'] as const).flatMap((command) =>
  (['active', 'revoked', 'revoked by this call'] as const).flatMap((record) =>
    BOTH.flatMap((expired) =>
      BOTH.flatMap((announced) =>
        BOTH.flatMap((used) =>
          [0, -1, -2, 1, 5000].map((ahead) => ({ command, record, expired, announced, used, ahead })),
        ),
      ),
    ),
  ),
)

/** A combination as family and command. */
export function touch(c: TouchCase): Omit<Given, 'command'> & { readonly command: Command } {
  const { family: live, policy } = given(PLAIN)
  const family: RefreshTokenFamily = Object.freeze({
    ...live,
    absoluteExpiresAt: numericDate(c.expired ? NOW : NOW + 1),
    successorUsed: c.used,
    announced: c.announced,
    status: c.record === 'active' ? 'active' : 'revoked',
    revokedBy: c.record === 'active' ? undefined : c.record === 'revoked' ? 'another call' : 'this call',
    cause: c.record === 'active' ? undefined : 'replay',
  })
  switch (c.command) {
    case 'confirm':
      return { policy, family, command: { type: 'confirm', generation: family.generation + c.ahead } }
    case 'revoke':
      return { policy, family, command: { type: 'revoke', cause: 'sign_out', call: 'this call' } }
    case 'announce':
      return { policy, family, command: { type: 'announce' } }
  }
}

const PLAIN: RotateCase = {
  behind: 0,
  first: false,
  record: 'live',
  age: 100,
  grace: 10,
  attempt: 'no key',
  by: 'call',
  used: false,
  closed: false,
  binding: 'unbound',
  client: 'right',
  log: 'absent',
  risk: undefined,
  elevate: false,
  rotation: 'always',
  asks: 'nothing',
  exhausted: false,
  secret: 'recorded',
}
