// Runs the suite on the built packages in every runtime, and says what came of it. `--only node20,bun` narrows.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleSuite } from './bundle.ts'
import { fetchRuntimes, programOf } from './fetch.ts'
import { installPackages, packagesFolder } from './install.ts'
import { readMissing, readRun, tableOf, type Ending, type RunResult } from './report.ts'
import { runtimes, type Runtime } from './runtimes.ts'

const RUN_MILLISECONDS_MAX = 120_000
const chosen = chooseRuntimes(process.argv.slice(2))
const fetched = join(packagesFolder, '../.toolchain/runtimes')
const folder = mkdtempSync(join(tmpdir(), 'tallystick-runtimes-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

fetchRuntimes(chosen, fetched)
await installPackages(folder)
await bundleSuite(folder)
const results = chosen.flatMap((runtime) => runAll(runtime))
tell(results)

function chooseRuntimes(words: readonly string[]): readonly Runtime[] {
  if (words.length === 0) return runtimes
  const [flag, list = '', ...rest] = words
  const names = list.split(',')
  const unknown = names.filter((name) => runtimes.every((runtime) => runtime.name !== name))
  if (flag === '--only' && rest.length === 0 && unknown.length === 0)
    return runtimes.filter(({ name }) => names.includes(name))
  console.error(`usage: [--only ${runtimes.map(({ name }) => name).join(',')}]`)
  process.exit(2)
}

function runAll(runtime: Runtime): readonly RunResult[] {
  const program = programOf(runtime, fetched)
  if (program === undefined) return readMissing(runtime, (process.env['CI'] ?? '') !== '')
  return runtime.modes.map((mode) => {
    const start = performance.now()
    const ending = run(program, [...runtime.flags, mode.file])
    return readRun(runtime, mode, ending, (performance.now() - start) / 1000)
  })
}

function run(program: string, words: readonly string[]): Ending {
  const { status, signal, error, stdout, stderr } = spawnSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
    timeout: RUN_MILLISECONDS_MAX,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
  })
  return { status: status ?? error?.message ?? signal ?? 'nothing', stdout: stdout ?? '', stderr: stderr ?? '' }
}

function tell(all: readonly RunResult[]): void {
  for (const { runtime, mode, failures } of all)
    for (const failure of failures) console.error(`${runtime.title}, ${mode.name}: ${failure}`)
  console.log(tableOf(all))
  const passed = all.reduce((sum, result) => sum + result.passedChecks, 0)
  const failed = all.reduce((sum, result) => sum + result.failures.length, 0)
  console.log(`${passed} passed, ${failed} failed`)
  const report = process.env['TALLYSTICK_RUNTIMES_REPORT']
  if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed }))
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}
