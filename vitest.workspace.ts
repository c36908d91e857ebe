// The list of test projects. vitest 5 no longer reads this file by itself: vitest.config.ts imports it.
import { defaultServerConditions } from 'vite'
import type { TestProjectConfiguration } from 'vitest/config'

// Tests read the sources through the packages' own export condition, so no build comes first.
const conditions = ['@tallystick/source', ...defaultServerConditions]
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const packageProject = (name: string): TestProjectConfiguration => ({
  ...fromSource,
  root: `packages/${name}`,
  test: { name, include: ['test/**/*.test.ts'], testTimeout: 60_000 },
})

const projects: TestProjectConfiguration[] = [
  packageProject('core'),
  packageProject('storage'),
  packageProject('jwt'),
  packageProject('refresh-token'),
  packageProject('session'),
  packageProject('cookie'),
  packageProject('events'),
  packageProject('storage-memory'),
  packageProject('storage-sqlite'),
  packageProject('server'),
  packageProject('http'),
  packageProject('tallystick'),
  packageProject('simulator'),
  packageProject('repo-checks'),
  packageProject('runtime-tests'),
  {
    ...fromSource,
    root: 'docs',
    test: { name: 'docs', include: ['test/**/*.test.ts'], testTimeout: 60_000 },
  },
  {
    ...fromSource,
    root: 'docs/examples',
    test: { name: 'examples', include: ['**/*.test.ts'], testTimeout: 60_000 },
  },
]

export default projects
