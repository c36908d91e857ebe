// Runs the benchmarks against the built packages, prints ratios and gates, and exits non-zero where a gate does not hold.
//   pnpm bench                    smaller counts
//   pnpm bench --full --record    full counts; writes benchmarks/results/
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { provenance } from './machine.ts'
import { run } from './refresh.bench.ts'

const { values } = parseArgs({ options: { full: { type: 'boolean' }, record: { type: 'boolean' } } })
let result = await run(values.full === true ? 1_000_000 : 100_000)
// One retry: a co-tenant can spoil a run, a regression spoils both.
if (result.gates.some(({ ok }) => !ok)) result = await run(values.full === true ? 1_000_000 : 100_000)

for (const { name, nanoseconds, ratio } of result.measurements) {
  console.log(`${name.padEnd(56)} ${(nanoseconds / 1000).toFixed(2).padStart(9)} µs  ${ratio.toFixed(2).padStart(6)} ×`)
}
for (const { name, value, must, ok } of result.gates) {
  console.log(`${ok ? 'holds ' : 'BROKEN'} ${name.padEnd(56)} ${value.toFixed(2).padStart(6)}  must be ${must}`)
}
if (values.record === true) {
  const report = { ...provenance(), ...result }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(new URL('results/refresh.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
}
process.exitCode = result.gates.every(({ ok }) => ok) ? 0 : 1
