// The test steps of CI: the README's own command, its counts, and that no project of the list stayed empty.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import projects from '../../vitest.workspace.ts'
import { commandIn, root, type Score, type Step } from './steps.ts'

interface TestReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly projects: readonly string[]
}

/** The steps; the second reads what the first has written. */
export function testSteps(): readonly Step[] {
  let report: TestReport | undefined
  return [
    {
      name: 'npm test',
      run: () => {
        const { isGreen, written } = runTests()
        report = written
        return scoreOf(isGreen, report)
      },
    },
    {
      name: 'every test project has loaded',
      run: () => {
        const loaded = new Set(report?.projects)
        const empty = projectNames().filter((name) => !loaded.has(name))
        for (const name of empty)
          console.error(`${name} stands in vitest.workspace.ts, but none of its test files loaded`)
        return empty.length === 0
      },
    },
  ]
}

/** A skipped test is a failed one: what CI could have run, it runs. */
export function scoreOf(isGreen: boolean, report: TestReport | undefined): Score {
  if (report === undefined) return { passed: 0, failed: 1 }
  const failed = report.failed + report.skipped
  if (report.skipped > 0) console.error(`${report.skipped} skipped tests count as failed`)
  return { passed: report.passed, failed: isGreen ? failed : Math.max(failed, 1) }
}

function runTests(): { readonly isGreen: boolean; readonly written: TestReport | undefined } {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-ci-'))
  const file = join(folder, 'tests.json')
  try {
    const isGreen = commandIn(root, ['npm', 'test'], { CI: 'true', TALLYSTICK_TEST_REPORT: file })
    return { isGreen, written: JSON.parse(readFileSync(file, 'utf8')) as TestReport }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function projectNames(): readonly string[] {
  return projects.flatMap((project) => {
    const name = typeof project === 'object' && 'test' in project ? project.test?.name : undefined
    return typeof name === 'string' ? [name] : []
  })
}
