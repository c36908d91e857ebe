// Real express-session on a real socket over a store of a test's choice, with a clock that the test owns.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import { interceptStorage, type StorageHooks, type StorageOperation } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { sqliteStorage } from '@tallystick/storage-sqlite'
import type { Request, RequestHandler, Response } from 'express'
import session, { type SessionOptions } from 'express-session'
import { type Browser, openBrowser } from '../test/browser.ts'
import { listening } from '../test/listening.ts'
import { TallystickStore, type TallystickStoreOptions } from './store.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    count: number
    cart: string[]
    theme: string
  }
}

export const IDLE_SECONDS = 3600
export const MINUTE = 60_000

/** The storages that every scenario runs over. */
export const storages: ReadonlyArray<readonly [name: string, create: (clock: Clock) => Promise<Storage>]> = [
  ['memory', (clock) => Promise.resolve(memoryStorage({ clock }))],
  // Below Node.js 22 there is no `node:sqlite`.
  ...(Number(process.versions.node.split('.')[0]) < 22
    ? []
    : [
        [
          'sqlite',
          async (clock: Clock) => {
            const { DatabaseSync } = await import('node:sqlite')
            const storage = sqliteStorage(new DatabaseSync(':memory:'), { clock })
            await storage.migrate()
            return storage
          },
        ] as const,
      ]),
]

interface Clock {
  now(): NumericDate
}

export interface World {
  readonly store: TallystickStore
  readonly storage: Storage
  readonly clock: Clock & { advance(seconds: number): void }
  /** The calls of the storage so far, as `read` and `compareAndSet`. */
  readonly calls: string[]
  /** What a test does before and after each call; may be changed at any time. */
  hooks: StorageHooks
}

export async function createWorld(
  createStorage: (clock: Clock) => Promise<Storage> = (clock) => Promise.resolve(memoryStorage({ clock })),
  options: Partial<TallystickStoreOptions> = {},
): Promise<World> {
  let now = numericDate(1_800_000_000)
  const clock = { now: () => now, advance: (seconds: number) => void (now = plusSeconds(now, seconds)) }
  const calls: string[] = []
  const storage = interceptStorage(await createStorage(clock), {
    async before(operation: StorageOperation) {
      calls.push(operation.method)
      await world.hooks.before?.(operation)
    },
    after: (operation, answer) => world.hooks.after?.(operation, answer),
  })
  const store = new TallystickStore(storage.records, { idleTimeoutSeconds: IDLE_SECONDS, clock, ...options })
  const world: World = { store, storage, clock, calls, hooks: {} }
  return world
}

type Handler = (request: Request, response: Response) => unknown

/** A running application. */
export interface App {
  readonly port: number
  /** What was reported so far; express-session does so one turn after it sent the answer. */
  errors(): Promise<readonly unknown[]>
  openBrowser(): Browser
}

/** Serves paths with sessions while `use` runs. */
export async function serving(
  options: Partial<SessionOptions>,
  routes: Handler | Readonly<Record<string, Handler>>,
  use: (app: App) => Promise<void>,
): Promise<void> {
  const middleware = session({
    secret: 'a secret of the tests',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: MINUTE },
    ...options,
  })
  const errors: unknown[] = []
  const server = createServer((request, response) => {
    run(middleware, request, response, (error) => {
      if (error !== undefined && response.headersSent) errors.push(error)
      else if (error !== undefined) response.writeHead(500).end((error as Error).message)
      else
        (typeof routes === 'function' ? routes : routes[request.url ?? ''])?.(request as Request, response as Response)
    })
  })
  const { port, close } = await listening(server.listen(0, 'localhost'))
  try {
    await use({
      port,
      async errors() {
        await new Promise((resolve) => setImmediate(resolve))
        return errors
      },
      openBrowser: () => openBrowser(port, `http://localhost:${port}`),
    })
  } finally {
    await close()
  }
}

function run(
  middleware: RequestHandler,
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  void middleware(request as Request, response as Response, next)
}

/** Waits for a callback in Node's style. */
export function called<Value>(work: (callback: (error: unknown, value?: Value) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    work((error, value) => (error ? reject(error as Error) : resolve(value as Value)))
  })
}

/** A door that a request waits at. */
export function createGate(): { readonly passed: Promise<void>; open(): void } {
  const opened: Array<() => void> = []
  return { passed: new Promise((resolve) => void opened.push(resolve)), open: () => opened[0]?.() }
}

/** The id in the cookie that a browser holds. */
export function idIn(browser: Browser): string {
  return /^connect\.sid=s%3A([^.]+)/.exec(browser.cookie())?.[1] ?? ''
}
