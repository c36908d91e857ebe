// Runs the benchmarks against the built packages, prints ratios and gates, and exits non-zero where a gate does not hold.
//   pnpm bench                         every benchmark, smaller counts
//   pnpm bench --only session          one of them
//   pnpm bench --full --record         full counts; writes benchmarks/results/
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Gate } from './gate.ts'
import type { Measurement } from './harness.ts'
import { provenance } from './machine.ts'
import { run as refresh } from './refresh.bench.ts'
import { run as session } from './session.bench.ts'

interface Outcome {
  readonly measurements: readonly Measurement[]
  readonly gates: readonly Gate[]
}

const { values } = parseArgs({
  options: { full: { type: 'boolean' }, record: { type: 'boolean' }, only: { type: 'string' } },
})
const benchmarks: Readonly<Record<string, () => Promise<Outcome>>> = {
  refresh: () => refresh(values.full === true ? 1_000_000 : 100_000),
  session,
}

let isGreen = true
for (const [name, run] of Object.entries(benchmarks)) {
  if (values.only !== undefined && values.only !== name) continue
  const outcome = await measured(run)
  tell(name, outcome)
  if (values.record === true) record(name, outcome)
  isGreen &&= outcome.gates.every(({ ok }) => ok)
}
process.exitCode = isGreen ? 0 : 1

/** One retry: a co-tenant can spoil a run, a regression spoils both. */
async function measured(run: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await run()
  return outcome.gates.every(({ ok }) => ok) ? outcome : run()
}

function tell(title: string, { measurements, gates }: Outcome): void {
  console.log(`\n${title}`)
  for (const { name, nanoseconds, ratio } of measurements) {
    console.log(
      `${name.padEnd(56)} ${(nanoseconds / 1000).toFixed(2).padStart(9)} µs  ${ratio.toFixed(2).padStart(6)} ×`,
    )
  }
  for (const { name, value, must, ok } of gates) {
    console.log(`${ok ? 'holds ' : 'BROKEN'} ${name.padEnd(56)} ${value.toFixed(2).padStart(6)}  must be ${must}`)
  }
}

function record(name: string, outcome: Outcome): void {
  const report = { ...provenance(), ...outcome }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(new URL(`results/${name}.json`, import.meta.url), `${JSON.stringify(report, null, 2)}\n`)
}
