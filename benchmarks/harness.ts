// Compares candidates in one process: interleaved in shuffled rounds, garbage collected before each slice, and noisy
// slices repeated. Only ratios to the reference are worth quoting; absolute times drift with the machine.

/** Something to measure: `run(n)` does the work n times. */
export interface Candidate {
  readonly name: string
  readonly run: (times: number) => void | Promise<void>
}

/** What one candidate took. */
export interface Measurement {
  readonly name: string
  readonly nanoseconds: number
  /** The median of the ratios to the reference, round by round. */
  readonly ratio: number
}

/** A candidate from a synchronous function. */
export function sync(name: string, work: (index: number) => unknown): Candidate {
  return {
    name,
    run(times) {
      for (let index = 0; index < times; index += 1) keep(work(index))
    },
  }
}

/** A candidate from a function that is awaited before the next call. */
export function sequential(name: string, work: (index: number) => Promise<unknown>): Candidate {
  return {
    name,
    async run(times) {
      for (let index = 0; index < times; index += 1) keep(await work(index))
    },
  }
}

/** Measures candidates against the first one. */
export async function compare(
  candidates: readonly Candidate[],
  { rounds = 21, sliceMilliseconds = 15 }: { readonly rounds?: number; readonly sliceMilliseconds?: number } = {},
): Promise<readonly Measurement[]> {
  calibrateProbe()
  const prepared: { candidate: Candidate; times: number; samples: number[] }[] = []
  for (const candidate of candidates)
    prepared.push({ candidate, times: await timesFor(candidate, sliceMilliseconds), samples: [] })
  for (let round = 0; round < rounds; round += 1) {
    for (const one of shuffled(prepared)) one.samples.push(await slice(one.candidate, one.times))
  }
  const reference = prepared[0]?.samples ?? []
  return prepared.map(({ candidate, samples }) => ({
    name: candidate.name,
    nanoseconds: median(samples),
    ratio: median(samples.map((sample, round) => sample / (reference[round] ?? Number.NaN))),
  }))
}

/** Keeps results alive, so that no compiler drops the work. */
export function keep(value: unknown): void {
  kept.value = value
}

async function timesFor(candidate: Candidate, sliceMilliseconds: number): Promise<number> {
  const warmUntil = performance.now() + 200
  while (performance.now() < warmUntil) await candidate.run(50)
  for (let times = 1; ; times *= 2) {
    const start = performance.now()
    await candidate.run(times)
    const took = performance.now() - start
    if (took >= sliceMilliseconds / 2) return Math.max(1, Math.round((times * sliceMilliseconds) / took))
  }
}

async function slice(candidate: Candidate, times: number): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    globalThis.gc?.({ type: 'minor' })
    const start = performance.now()
    await candidate.run(times)
    const nanoseconds = ((performance.now() - start) * 1e6) / times
    if (attempt >= 4 || probe() <= fastestProbe * NOISE) return nanoseconds
  }
}

/** A fixed piece of work: where it takes longer than at its best, somebody else is using the machine. */
function probe(): number {
  const start = performance.now()
  let value = 0
  for (let index = 0; index < 600_000; index += 1) value = (value * 31 + index) | 0
  keep(value)
  const took = performance.now() - start
  if (took < fastestProbe) fastestProbe = took
  return took
}

function calibrateProbe(): void {
  for (let index = 0; index < 40; index += 1) probe()
}

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ value }) => value)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Exported, so that nobody can prove the results unused. */
export const kept: { value: unknown } = { value: undefined }
let fastestProbe = Number.POSITIVE_INFINITY
const NOISE = 1.12
