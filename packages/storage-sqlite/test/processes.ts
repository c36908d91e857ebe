// Starts processes of their own on a database file, asks them, and kills them.
import type { ChildProcess } from 'node:child_process'
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Answers, Request } from './children/requests.ts'
import type { Driver } from './drivers.ts'

/** A process on the file. */
export interface Worker {
  ask<Ask extends Request['ask']>(request: Extract<Request, { ask: Ask }>): Promise<Answers[Ask]>
  /** Asks without waiting for an answer. */
  tell(request: Request): void
  /** Ends it as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>
  /** Runs something while the process stands still, at whatever instruction it was. */
  whileStopped<Answer>(work: () => Answer): Answer
}

/** Starts a process; it is gone when the test is over. */
export async function startWorker(driver: Driver, path: string, gracePeriodSeconds = 10): Promise<Worker> {
  const child = fork(
    join(import.meta.dirname, 'children/process.ts'),
    [driver.name, path, String(gracePeriodSeconds)],
    { execArgv: ['--conditions=@tallystick/source', '--disable-warning=ExperimentalWarning'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  await nextMessage(child)
  return {
    async ask<Ask extends Request['ask']>(request: Extract<Request, { ask: Ask }>): Promise<Answers[Ask]> {
      const answer = nextMessage(child)
      child.send(request)
      return (await answer) as Answers[Ask]
    },
    tell: (request) => void child.send(request),
    async kill() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    whileStopped(work) {
      child.kill('SIGSTOP')
      while (!stateOf(child).startsWith('T')) continue
      try {
        return work()
      } finally {
        child.kill('SIGCONT')
      }
    },
  }
}

/** Starts several processes. */
export function startWorkers(
  count: number,
  driver: Driver,
  path: string,
  gracePeriodSeconds?: number,
): Promise<readonly Worker[]> {
  return Promise.all(Array.from({ length: count }, () => startWorker(driver, path, gracePeriodSeconds)))
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('the process ended without an answer')
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), exit])
    return message
  } finally {
    ended.abort()
    exit.catch(() => {})
  }
}

/** `T` while it is stopped. */
function stateOf({ pid }: ChildProcess): string {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim()
}
