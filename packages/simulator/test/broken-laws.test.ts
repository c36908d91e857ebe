// Laws broken from outside: each scenario is seen to fail, so that its verdict is worth something.
import type { Storage } from '@tallystick/storage'
import { interceptStorage } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, it } from 'vitest'
import { playScenario, type Scenario } from '../src/scenario.ts'
import { scenarios } from '../src/scenarios.ts'
import { type Ground, layGround } from '../src/world.ts'

interface Breach {
  readonly name: string
  readonly differently: Partial<Pick<Ground, 'openStorage' | 'policy'>>
  /** The scenarios that must notice. */
  readonly noticedBy: readonly number[]
}

const breaches: readonly Breach[] = [
  { name: 'no grace period', differently: { policy: { gracePeriodSeconds: 0 } }, noticedBy: [1, 2, 3, 4] },
  { name: 'no retry window', differently: { policy: { retryWindowSeconds: 0 } }, noticedBy: [1, 3, 5] },
  {
    name: 'a store that forgets tombstones',
    differently: onStorage((storage) => editing(storage, (family) => (isRevoked(family) ? undefined : family))),
    noticedBy: [6, 15],
  },
  {
    name: 'a store that keeps the first generation',
    differently: onStorage((storage) =>
      editing(storage, (family) => (family['generation'] === 1 ? family : undefined)),
    ),
    noticedBy: [6, 7, 8, 10, 11, 14],
  },
  {
    name: 'a store that forgets attempts',
    differently: onStorage((storage) =>
      editing(storage, ({ attempt: _attempt, previousAttempt: _previous, ...family }) => family),
    ),
    noticedBy: [4, 5, 13],
  },
  {
    name: 'a store that forgets that a client had a key',
    differently: onStorage((storage) => editing(storage, (family) => ({ ...family, attemptBy: 'call' }))),
    noticedBy: [8, 9],
  },
  {
    name: 'a store that forgets that a predecessor was closed',
    differently: onStorage((storage) => editing(storage, (family) => ({ ...family, predecessorClosed: false }))),
    noticedBy: [14],
  },
  {
    name: 'a log that keeps nothing',
    differently: onStorage(({ records, revocations }) => ({
      records,
      revocations: revocations && { ...revocations, append: () => Promise.resolve() },
    })),
    noticedBy: [15, 16],
  },
  {
    name: 'a log that cannot be read',
    differently: onStorage((storage) =>
      interceptStorage(storage, {
        before({ method }) {
          if (method === 'since') throw new Error('no connection')
        },
      }),
    ),
    noticedBy: [12, 16],
  },
]

describe('a broken law is noticed', () => {
  it.for(breaches.map((breach) => [breach.name, breach] as const))('%s', async ([, { differently, noticedBy }]) => {
    for (const scenario of chosen(noticedBy)) {
      const { number, ok } = await playScenario(await layGround(1, differently), scenario)
      expect({ number, ok }).toEqual({ number, ok: false })
    }
  })

  it('in every scenario by one breach at least', () => {
    const noticed = new Set(breaches.flatMap(({ noticedBy }) => noticedBy))
    expect(scenarios.map(({ number }) => number).filter((number) => !noticed.has(number))).toEqual([])
  })

  it('where an act looks at nothing, or fails', async () => {
    const scenario = (act: Scenario['acts'][string]): Scenario => ({
      number: 1,
      title: 'made up',
      mustHappen: 'anything',
      acts: { only: act },
    })
    const ground = await layGround(1)
    expect(
      (
        await playScenario(
          ground,
          scenario(() => Promise.resolve('nothing was checked')),
        )
      ).ok,
    ).toBe(false)
    const failed = await playScenario(
      ground,
      scenario(() => Promise.reject(new RangeError('on purpose'))),
    )
    expect([failed.ok, failed.happened]).toEqual([false, 'failed with RangeError: on purpose'])
  })
})

type FamilyText = Readonly<Record<string, unknown>>

function onStorage(around: (storage: Storage) => Storage): Breach['differently'] {
  return { openStorage: (clock) => Promise.resolve(around(memoryStorage({ clock }))) }
}

/** Families are stored as `edit` gives them, or not at all although the store says so. */
function editing(storage: Storage, edit: (family: FamilyText) => FamilyText | undefined): Storage {
  const { records, revocations } = storage
  return {
    records: {
      ...records,
      compareAndSet(key, version, record, expiresAt) {
        if (!key.startsWith('sign-in:')) return records.compareAndSet(key, version, record, expiresAt)
        const edited = edit(JSON.parse(record.text) as FamilyText)
        if (edited === undefined) return Promise.resolve({ won: true, version: 'forgotten' })
        return records.compareAndSet(key, version, { ...record, text: JSON.stringify(edited) }, expiresAt)
      },
    },
    revocations,
  }
}

function isRevoked(family: FamilyText): boolean {
  return family['status'] === 'revoked'
}

function chosen(numbers: readonly number[]): readonly Scenario[] {
  return scenarios.filter(({ number }) => numbers.includes(number))
}
