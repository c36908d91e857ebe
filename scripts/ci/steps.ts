// Runs the steps of CI one after another and keeps the score.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How many checks of a step passed and failed; a step that is one check says `true` or `false` instead. */
export interface Score {
  readonly passed: number
  readonly failed: number
}

/** One step: a name for people, and what it does. A throw is a failure. */
export interface Step {
  readonly name: string
  readonly run: () => boolean | Score | Promise<boolean | Score>
}

/** The repository's root. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** Runs every step, whatever the ones before it answered. */
export async function runSteps(steps: readonly Step[]): Promise<Score> {
  const total = { passed: 0, failed: 0 }
  const lines: string[] = []
  for (const { name, run } of steps) {
    console.log(`\n━━ ${name}`)
    const start = performance.now()
    const score = await scoreOf(run)
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6)
    lines.push(
      `${score.failed === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${name} (${score.passed}/${score.passed + score.failed})`,
    )
    console.log(lines.at(-1))
    total.passed += score.passed
    total.failed += score.failed
  }
  console.log(`\n━━ all steps\n${lines.join('\n')}\n`)
  return total
}

/** Runs a command in the repository's root, or elsewhere; shows what it prints; answers whether it ended with 0. */
export function command(...words: readonly string[]): boolean {
  return commandIn(root, words)
}

/** {@link command} in another folder and with additional environment variables. */
export function commandIn(folder: string, words: readonly string[], variables: Record<string, string> = {}): boolean {
  const [program = '', ...rest] = words
  const { status, error } = spawnSync(program, rest, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...variables },
  })
  if (error !== undefined) console.error(`${program}: ${error.message}`)
  return status === 0
}

async function scoreOf(run: Step['run']): Promise<Score> {
  try {
    const answer = await run()
    return typeof answer === 'boolean' ? { passed: Number(answer), failed: Number(!answer) } : answer
  } catch (error) {
    console.error(error)
    return { passed: 0, failed: 1 }
  }
}
