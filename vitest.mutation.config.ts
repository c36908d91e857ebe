// The tests that mutants of the rotation law must not survive. Aliases lead to the sources of the sandbox, where the
// mutants are; through node_modules the tests would see the originals.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const sources = fileURLToPath(new URL('packages', import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@tallystick\/([a-z-]+)$/, replacement: `${sources}/$1/src/index.ts` },
      { find: /^@tallystick\/([a-z-]+)\/([a-z0-9-]+)$/, replacement: `${sources}/$1/src/$2.ts` },
    ],
  },
  test: {
    include: ['packages/refresh-token/test/**/*.test.ts'],
    // Random histories find what these find, but take longer for each mutant.
    exclude: ['packages/refresh-token/test/histories.property.test.ts', '**/node_modules/**'],
    testTimeout: 60_000,
  },
})
