// What only the death of a process shows: those broken adapters pass every other check.
import { brokenAdapters } from '@tallystick/storage/broken-adapters'
import { expect, test } from 'vitest'
import { testsOf } from './suites-under-test.ts'

test.each(brokenAdapters.filter(({ caughtBy }) => caughtBy.startsWith('where the process dies')))(
  'an adapter that $name passes every check but the one whose process dies',
  async (adapter) => {
    const caughtBy: string[] = []
    for (const [name, run] of testsOf(adapter)) await run().catch(() => caughtBy.push(name))
    expect(caughtBy).toEqual([adapter.caughtBy])
  },
)
