// The suite's own runner, which needs nothing of the runtime: named checks, one after another, told line by line.

/** Registers a check: what must hold, as a sentence, and a function that throws or rejects where it does not. */
export type Register = (name: string, run: () => void | Promise<void>) => void

/** What came of a suite. */
export interface Outcome {
  readonly passedChecks: number
  readonly failedChecks: number
}

/** Runs what `register` registers; `print` hears `ok …` or `not ok …` of each. A check that fails stops no other. */
export async function runChecks(register: (check: Register) => void, print: (line: string) => void): Promise<Outcome> {
  const checks: { readonly name: string; readonly run: () => void | Promise<void> }[] = []
  register((name, run) => void checks.push({ name, run }))
  let failedChecks = 0
  for (const { name, run } of checks) {
    try {
      await run()
      print(`ok ${name}`)
    } catch (error) {
      failedChecks += 1
      print(`not ok ${name}: ${describe(error)}`)
    }
  }
  return { passedChecks: checks.length - failedChecks, failedChecks }
}

/** Ends a check where a condition does not hold. */
export function holds(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`must hold: ${sentence}`)
}

/** Ends a check where two values differ; bytes of any kind are compared as bytes. */
export function same(actual: unknown, expected: unknown, what = 'value'): void {
  const [left, right] = [textOf(actual), textOf(expected)]
  if (left !== right) throw new Error(`${what} is ${left}, expected ${right}`)
}

/** Ends a check where a call does not throw, or not an error whose `name: message` is like the pattern. */
export async function throws(call: () => unknown, pattern: RegExp): Promise<void> {
  let came: string
  try {
    came = `answered ${textOf(await call())}`
  } catch (error) {
    const text = describe(error)
    if (pattern.test(text)) return
    came = `threw ${text}`
  }
  throw new Error(`it ${came}, expected a throw like ${String(pattern)}`)
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { readonly code?: unknown }
  const text = `${error.name}${typeof code === 'string' ? ` ${code}` : ''}: ${error.message}`
  return text.replaceAll(/\s+/g, ' ')
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return { bytes: Array.from(inner).join(' ') }
    return inner === undefined ? { undefined: true } : inner
  })
  return text ?? 'undefined'
}
