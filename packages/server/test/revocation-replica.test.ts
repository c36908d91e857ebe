// What a process knows of revocations: dropped when it can matter no more, read again where a clock was wrong.
import { numericDate, plusSeconds } from '@tallystick/core'
import type { RevocationEntry, RevocationLog } from '@tallystick/storage'
import { expect, test } from 'vitest'
import { createRevocationReplica } from '../src/revocation-replica.ts'
import { START } from './world.ts'

const family = (familyId: string, lifeSeconds: number): RevocationEntry => ({
  id: `family:${familyId}`,
  target: { kind: 'family', familyId },
  cause: 'sign_out',
  revokedAt: START,
  expiresAt: plusSeconds(START, lifeSeconds),
})

test('A34 what was dropped while the clock was far ahead is read again once it went back', async () => {
  const entries = [family('a', 86_400)]
  const log: RevocationLog = {
    append: () => Promise.resolve(),
    since: (cursor) =>
      Promise.resolve({ entries: entries.slice(Number(cursor ?? 0)), cursor: String(entries.length), more: false }),
  }
  const replica = createRevocationReplica()
  const facts = { subject: 'alice', issuedAt: START, familyId: 'a' }
  await replica.sync(log, START)
  expect(replica.names(facts)).toBe(true)
  const ahead = numericDate(START + 91 * 86_400)
  await replica.sync(log, ahead)
  replica.apply(family('b', 200 * 86_400), ahead)
  expect(replica.names(facts)).toBe(false)
  await replica.sync(log, plusSeconds(START, 60))
  expect(replica.names(facts)).toBe(true)
})

test('a later cut-off stays where an earlier one is heard of afterwards', () => {
  const replica = createRevocationReplica()
  for (const cutoff of [plusSeconds(START, 10), START]) {
    const target = { kind: 'subject', subject: 'alice', cutoff } as const
    replica.apply({ ...family('', 86_400), id: `subject:${cutoff}`, target }, START)
  }
  expect(replica.names({ subject: 'alice', issuedAt: plusSeconds(START, 5) })).toBe(true)
  expect(replica.names({ subject: 'alice', issuedAt: plusSeconds(START, 11) })).toBe(false)
})
