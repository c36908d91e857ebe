// Checks of both ports: a client that fails makes calls fail; it never becomes an answer.
import { numericDate } from '@tallystick/core'
import { ABSENT } from '../record-store.ts'
import type { Storage } from '../storage.ts'
import { ensure } from './assertions.ts'
import type { Check } from './check.ts'

/** The record store over a failing client. */
export const failingRecordsCheck: Check<Storage> = {
  name: 'where the client fails every method rejects: a failure is never an answer',
  async run({ records }) {
    await ensureRejects(() => records.read('a'), 'read')
    await ensureRejects(() => records.compareAndSet('a', ABSENT, { text: '1', subject: 'alice' }, LATER), 'write')
    await ensureRejects(() => records.compareAndSet('a', '1', { text: '2' }, LATER), 'overwrite')
    await ensureRejects(() => records.delete('a'), 'delete')
    await ensureRejects(() => records.delete('a', '1'), 'delete with a version')
    await ensureRejects(() => records.list({ subject: 'alice' }), 'list by subject')
    await ensureRejects(() => records.list({ pending: true }), 'list of what is pending')
  },
}

/** The revocation log over a failing client. */
export const failingLogCheck: Check<Storage> = {
  name: 'where the client fails append and since reject: a failure is never an answer',
  async run({ revocations }) {
    ensure(revocations !== undefined, 'the storage has a revocation log')
    const target = { kind: 'family', familyId: 'f' } as const
    const entry = { id: 'a', target, cause: 'replay', revokedAt: LATER, expiresAt: LATER }
    await ensureRejects(() => revocations.append(entry), 'append')
    await ensureRejects(() => revocations.since(), 'since')
  },
}

async function ensureRejects(call: () => Promise<unknown>, what: string): Promise<void> {
  const rejected = await call().then(
    () => false,
    () => true,
  )
  ensure(rejected, `${what} answered although the client failed`)
}

const LATER = numericDate(4_102_444_800)
