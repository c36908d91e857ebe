// A process that dies at one command of its client: what an author hands in for it, and how each command has its turn.
import { plantedFault } from '../disorder.ts'
import type { Storage } from '../storage.ts'
import { ensure, isBreach } from './assertions.ts'
import type { StoreUnderTest } from './check.ts'
import { range } from './check.ts'

/**
 * Runs one command of a client, or lets the process die of it: from then on it throws, and runs no command any more.
 *
 * It throws at once, also where `send` answers with a promise.
 */
export type RunCommand = <Answer>(send: () => Answer) => Answer

/** A store whose process can die. */
export interface CrashingStore extends StoreUnderTest {
  /**
   * Drops the connection with whatever it holds open, as the death of a process does, and opens what is stored anew.
   *
   * The new client sends its commands without `command`. Called once at most.
   */
  reopen(): Storage | Promise<Storage>
}

/**
 * Builds a store for one crash: empty, nobody else's, and over a client that sends each command through `command`.
 *
 * What is sent until the store is there, to create tables say, does not count.
 */
export type CreateCrashing = (command: RunCommand) => CrashingStore | Promise<CrashingStore>

/** The death of one process. */
export interface Crash {
  /** Counts the commands from now on. */
  arm(): void
  /** Whether the process is dead. */
  happened(): boolean
}

/**
 * Does a job over and over, with a new store each time whose process dies one command later, until it lives to the end.
 *
 * @param commandsMin - How many commands the job takes at least.
 */
export async function crashEverywhere(
  create: CreateCrashing,
  job: (store: CrashingStore, crash: Crash) => Promise<void>,
  commandsMin: number,
): Promise<void> {
  for (const when of ['before', 'after'] as const) {
    let isAlive = false
    for (const index of range(COMMANDS_MAX)) {
      isAlive = !(await crashesAt(create, job, { index, when }))
      if (!isAlive) continue
      ensure(index >= commandsMin, `the client sends every command through \`command\`; it sent ${index}`)
      break
    }
    ensure(isAlive, `the job ends within ${COMMANDS_MAX} commands`)
  }
}

/** The answer of a call, or `undefined` where the process died of it. */
export async function unlessDead<Answer>(crash: Crash, call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call()
  } catch (thrown) {
    if (!crash.happened() || isBreach(thrown)) throw thrown
    return undefined
  }
}

/** Which command the process dies of, counted from 0, and on which side of its effect. */
interface CrashPoint {
  readonly index: number
  readonly when: 'before' | 'after'
}

async function crashesAt(
  create: CreateCrashing,
  job: (store: CrashingStore, crash: Crash) => Promise<void>,
  point: CrashPoint,
): Promise<boolean> {
  const { command, ...crash } = createCrash(point)
  const store = await create(command)
  try {
    await job(store, crash)
    return crash.happened()
  } finally {
    await store.close?.()
  }
}

function createCrash({ index, when }: CrashPoint): Crash & { readonly command: RunCommand } {
  let commands: number | undefined
  let isDead = false
  return {
    arm: () => void (commands = 0),
    happened: () => isDead,
    command(send) {
      if (isDead) throw plantedFault()
      if (commands === undefined) return send()
      isDead = commands === index
      commands += 1
      if (!isDead) return send()
      if (when === 'before') throw plantedFault()
      return loseAnswer(send())
    },
  }
}

/** Throws where the command has taken effect; where its answer is a promise, that promise rejects. */
function loseAnswer<Answer>(answer: Answer): Answer {
  if (!(answer instanceof Promise)) throw plantedFault()
  return answer.then(() => Promise.reject(plantedFault())) as Answer
}

const COMMANDS_MAX = 1000
