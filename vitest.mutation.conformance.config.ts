// The tests that mutants of the conformance checks must not survive: sound adapters must pass, broken ones be caught, and
// single wrong answers be noticed as often as before.
import { defineConfig } from 'vitest/config'
import rotation from './vitest.mutation.config.ts'

export default defineConfig({
  ...rotation,
  test: {
    include: [
      'packages/storage-memory/test/{broken-adapters,conformance,faults,lies.table,other-makes}.test.ts',
      'packages/storage/test/{history,linearizability}.test.ts',
    ],
    testTimeout: 60_000,
  },
})
