// What a run of the suite came to, read from what it printed, and the table of all runs.
import type { Mode, Runtime } from './runtimes.ts'
import type { SuiteReport } from './suite/suite.ts'

/** How a program ended. */
export interface Ending {
  /** The exit code, or why there is none. */
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

/** What a run came to. */
export interface RunResult {
  readonly runtime: Runtime
  readonly mode: Mode
  readonly passedChecks: number
  /** What did not hold, one line each. */
  readonly failures: readonly string[]
  readonly seconds: number
}

/** Reads a run. A program that ends early, or with an exit code, has failed, whatever it printed. */
export function readRun(runtime: Runtime, mode: Mode, { status, stdout, stderr }: Ending, seconds: number): RunResult {
  const lines = stdout.trimEnd().split('\n')
  const failures = lines.filter((line) => line.startsWith('not ok '))
  const passedChecks = lines.filter((line) => line.startsWith('ok ')).length
  const report = parseReport(lines.at(-1) ?? '')
  if (status !== 0 || report === undefined)
    return { runtime, mode, passedChecks, seconds, failures: [...failures, ended(status, stderr)] }
  if (
    report.passedChecks !== passedChecks ||
    report.failedChecks !== failures.length ||
    passedChecks + failures.length === 0
  )
    return {
      runtime,
      mode,
      passedChecks,
      seconds,
      failures: [...failures, 'the last line and the others do not agree'],
    }
  const { hash, synchronous, absent, sqlite } = report.facts
  const choices = [
    [`hash: chooses ${mode.expected.hash}`, hash, mode.expected.hash],
    ['jwt: answers at once where it can', synchronous.join(' '), mode.expected.synchronous.join(' ')],
    ['jwt: lacks what the runtime lacks', absent.join(', '), mode.expected.absent.join(', ')],
    ['sqlite: is there', String(sqlite), String(mode.expected.sqlite)],
  ] as const
  const wrong = choices.flatMap(([name, chosen, right]) =>
    chosen === right ? [] : [`not ok ${name}: it is ${chosen}, expected ${right}`],
  )
  return {
    runtime,
    mode,
    passedChecks: passedChecks + choices.length - wrong.length,
    failures: [...failures, ...wrong],
    seconds,
  }
}

/** A runtime that is not there: a failure where everything must run, else a skip that is told. */
export function readMissing(runtime: Runtime, mustRun: boolean): readonly RunResult[] {
  const failures = mustRun ? [`${runtime.title} ${runtime.version} could not be fetched`] : []
  return runtime.modes.map((mode) => ({ runtime, mode, passedChecks: 0, failures, seconds: 0 }))
}

/** The table of all runs, one a line. */
export function tableOf(results: readonly RunResult[]): string {
  const rows = results.map(({ runtime, mode, passedChecks, failures, seconds }) => [
    passedChecks + failures.length === 0 ? 'SKIPPED' : failures.length === 0 ? 'ok' : 'FAILED',
    `${runtime.title} ${runtime.version}`,
    mode.name,
    `${passedChecks}/${passedChecks + failures.length}`,
    `${seconds.toFixed(1)} s`,
  ])
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row.map((cell, at) => (at < 3 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n')
}

function parseReport(line: string): SuiteReport | undefined {
  try {
    const report = JSON.parse(line) as SuiteReport
    return typeof report.passedChecks === 'number' &&
      Array.isArray(report.facts.synchronous) &&
      Array.isArray(report.facts.absent)
      ? report
      : undefined
  } catch {
    return undefined
  }
}

function ended(status: number | string, stderr: string): string {
  return `it ended with ${status}: ${stderr.trim().split('\n').slice(0, STDERR_LINES_MAX).join('\n')}`
}

const STDERR_LINES_MAX = 20
