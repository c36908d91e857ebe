// A token server in a world that a test owns: its clock, its storage with every call observed, and every event it told.
import { numericDate, plusSeconds, type NumericDate } from '@tallystick/core'
import { importSecret, type SigningKey } from '@tallystick/jwt'
import type { RefreshTokenFamily } from '@tallystick/refresh-token'
import { decodeRecord } from '@tallystick/refresh-token'
import type { Storage } from '@tallystick/storage'
import { memoryStorage } from '@tallystick/storage-memory'
import { expect } from 'vitest'
import {
  createTokenServer,
  type RefreshResult,
  type ServerEvent,
  type TokenServer,
  type TokenServerOptions,
  type TokenSet,
} from '../src/index.ts'

export const START: NumericDate = numericDate(1_800_000_000)
export const ISSUER = 'https://auth.example.com'
export const API = 'https://api.example.com'
/** An attempt key as a client would keep it. */
export const KEY = 'attempt-key-of-the-first-tab'
export const SECRET: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1)
/** Signs fast, so that a test can issue thousands of tokens. */
export const signingKey: SigningKey = await importSecret(
  SECRET.map((byte) => byte ^ 0x55),
  { algorithm: 'HS256' },
)

export interface TestClock {
  now(): NumericDate
  advance(seconds: number): void
}

export function testClock(): TestClock {
  let now = START
  return { now: () => now, advance: (seconds) => void (now = plusSeconds(now, seconds)) }
}

/** What a test may set; the rest is as a first user has it. */
export type WorldOptions = Partial<TokenServerOptions> & {
  /** Without a revocation log; default with one. */
  readonly withoutLog?: boolean | undefined
  /** Puts something between server and storage. */
  readonly around?: ((storage: Storage) => Storage) | undefined
}

export interface World {
  readonly server: TokenServer
  readonly clock: TestClock
  /** The storage behind whatever stands around it. */
  readonly storage: Storage
  readonly events: ServerEvent[]
  /** Another process over the same storage, with or without other options. */
  anotherServer(options?: Partial<TokenServerOptions>): TokenServer
  family(familyId: string): Promise<RefreshTokenFamily>
  /** How many events of a type were told. */
  told(type: ServerEvent['type']): number
  /** What the log names. */
  announced(): Promise<readonly string[]>
}

export function createWorld({ withoutLog, around, ...given }: WorldOptions = {}): World {
  const clock = testClock()
  const memory = memoryStorage({ clock })
  const storage: Storage = given.storage ?? (withoutLog === true ? { records: memory.records } : memory)
  const events: ServerEvent[] = []
  const options: TokenServerOptions = {
    issuer: ISSUER,
    audience: API,
    clientId: 'web',
    keys: [signingKey],
    refreshTokenSecrets: [{ id: 1, secret: SECRET }],
    clock,
    onEvent: (event) => void events.push(event),
    ...given,
    storage: around === undefined ? storage : around(storage),
  }
  return {
    server: createTokenServer(options),
    clock,
    storage,
    events,
    anotherServer: (other) => createTokenServer({ ...options, storage, ...other }),
    async family(familyId) {
      const record = await storage.records.read(`sign-in:${familyId}`)
      if (record === undefined) throw new Error('there is no record of this family')
      return decodeRecord(record.text)
    },
    told: (type) => events.filter((event) => event.type === type).length,
    async announced() {
      const page = await storage.revocations?.since()
      return (page?.entries ?? []).map(({ id }) => id)
    },
  }
}

export type ServedResult = Extract<RefreshResult, { readonly ok: true }>

/** The tokens of a refresh that must have been served. */
export function served(result: RefreshResult): ServedResult {
  expect(result).toMatchObject({ ok: true })
  return result as ServedResult
}

/** The outcome of a refresh in one word: its verdict, or the reason of its refusal. */
export function outcome(result: RefreshResult | { readonly ok: boolean; readonly reason?: string }): string {
  return result.ok ? (result as ServedResult).verdict : ((result as { reason?: string }).reason ?? '')
}

/** Tokens after some rotations, each later than the grace period before it; the last is current. */
export async function rotations(world: World, tokens: TokenSet, count: number): Promise<readonly TokenSet[]> {
  const all: TokenSet[] = [tokens]
  for (let i = 0; i < count; i += 1) {
    world.clock.advance(60)
    all.push(served(await world.server.refresh({ refreshToken: all.at(-1)?.refreshToken ?? '' })))
  }
  return all
}

/** Whether an access token is good to introspection and to the same server's own verification. */
export async function isAlive({ server }: Pick<World, 'server'>, accessToken: string): Promise<boolean> {
  const [introspected, verified] = await Promise.all([
    server.introspect({ token: accessToken, resourceServer: API }),
    server.verify(accessToken),
  ])
  expect(verified.ok, 'introspect and verify agree').toBe(introspected.active)
  return introspected.active
}

/** What a call threw; a test fails where it did not. */
export async function thrownBy(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Error)
    return thrown as Error
  }
  throw new Error('nothing was thrown')
}
