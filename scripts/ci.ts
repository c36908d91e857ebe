// Continuous integration: every step in order, each with its time; counts what passed and failed, and never stops early.
import { writeFileSync } from 'node:fs'
import { browserStep } from './ci/browser.ts'
import { packageSteps } from './ci/packages.ts'
import { consumerSteps } from './ci/consumer.ts'
import { runtimeStep } from './ci/runtimes.ts'
import { command, runSteps, type Step } from './ci/steps.ts'
import { testSteps } from './ci/tests.ts'

const tsc = ['node', 'node_modules/typescript-7/bin/tsc']

const steps: readonly Step[] = [
  { name: 'build', run: () => command('pnpm', 'run', 'build') },
  { name: 'types of the sources', run: () => command(...tsc, '-b') },
  {
    name: 'types of tests, benchmarks, scripts and configuration',
    run: () => command(...tsc, '-p', 'tsconfig.test.json'),
  },
  { name: 'lint', run: () => command('pnpm', 'exec', 'oxlint', '--type-aware') },
  { name: 'format', run: () => command('pnpm', 'exec', 'oxfmt', '--check', '.') },
  browserStep,
  ...testSteps(),
  { name: 'docs site', run: () => command('pnpm', 'run', '--silent', 'task:docs') },
  ...packageSteps(),
  ...consumerSteps(),
  runtimeStep,
  { name: 'demo', run: () => command('npm', 'run', '--silent', 'demo') },
]

const { passed, failed } = await runSteps(steps)
const summary = `${passed} passed, ${failed} failed`
const file = process.env['TALLYSTICK_CI_SUMMARY']
// pnpm speaks after a script that failed, so .ci/run prints the line itself, as the last one.
if (file === undefined) console.log(summary)
else writeFileSync(file, `${summary}\n`)
process.exitCode = failed === 0 ? 0 : 1
