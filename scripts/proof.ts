// The full counts: every randomized test with many cases, and the benchmarks. Writes benchmarks/results/.
//   pnpm proof
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provenance } from '../benchmarks/machine.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const report = join(mkdtempSync(join(tmpdir(), 'tallystick-proof-')), 'report.json')
const start = performance.now()
const variables = { TALLYSTICK_PROOF: 'full', TALLYSTICK_TEST_REPORT: report }
const tests = run(['node_modules/.bin/vitest', 'run', '--testTimeout=3600000', ...process.argv.slice(2)], variables)
const seconds = Math.round((performance.now() - start) / 1000)
const result = { ...provenance(), seconds, ...(JSON.parse(readFileSync(report, 'utf8')) as object) }
mkdirSync(join(root, 'benchmarks/results'), { recursive: true })
writeFileSync(join(root, 'benchmarks/results/proof.json'), `${JSON.stringify(result, null, 2)}\n`)
const benchmarks = run([process.execPath, '--expose-gc', 'benchmarks/run.ts', '--full', '--record'])
process.exitCode = tests && benchmarks ? 0 : 1

function run([program = '', ...words]: readonly string[], more: Record<string, string> = {}): boolean {
  return spawnSync(program, words, { cwd: root, stdio: 'inherit', env: { ...process.env, ...more } }).status === 0
}
