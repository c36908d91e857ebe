// A token server in a small world: a clock that only a check moves, counted storage, and every event that was told.
import { numericDate, plusSeconds, type NumericDate } from '@tallystick/core'
import { generateKey, type SigningKey } from '@tallystick/jwt'
import { createTokenServer, type RefreshResult, type TokenServer, type TokenServerOptions } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import type { ConformanceClock } from '@tallystick/storage/conformance'
import { countOperations } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { holds } from './checks.ts'

/** When every world begins. */
export const START: NumericDate = numericDate(1_800_000_000)
/** Who issues. */
export const ISSUER = 'https://auth.example.com'
/** The resource server. */
export const API = 'https://api.example.com'

/** What a check sees of its world. */
export interface World {
  readonly server: TokenServer
  readonly clock: ConformanceClock
  /** The events so far, as JSON. */
  readonly told: () => string
  /** How many events of a type were told so far. */
  readonly count: (type: string) => number
  /** How many calls reached the storage so far. */
  readonly operations: () => number
}

/** A clock that stands still until it is moved. */
export function simulatedClock(): ConformanceClock {
  let now = START
  return { now: () => now, advance: (seconds) => void (now = plusSeconds(now, seconds)) }
}

/** Makes a world; `around` puts something between server and storage. */
export async function createWorld(
  options: Partial<TokenServerOptions> = {},
  around: (storage: Storage) => Storage = (storage) => storage,
): Promise<World> {
  const clock = simulatedClock()
  const counted = countOperations(memoryStorage({ clock }))
  const events: { readonly type: string }[] = []
  // Not before the first call: some runtimes give no randomness while modules load.
  signingKey ??= generateKey('ES256')
  const server = createTokenServer({
    issuer: ISSUER,
    audience: API,
    clientId: 'web',
    keys: [await signingKey],
    refreshTokenSecrets: [{ id: 1, secret: SECRET }],
    clock,
    onEvent: (event) => void events.push(event),
    ...options,
    storage: around(counted.storage),
  })
  return {
    server,
    clock,
    told: () => JSON.stringify(events),
    count: (type) => events.filter((event) => event.type === type).length,
    operations: () => counted.count(),
  }
}

/** The tokens of a refresh that must have been served. */
export function served(result: RefreshResult): Extract<RefreshResult, { readonly ok: true }> {
  holds(result.ok, result.ok ? '' : `it is served (${result.reason})`)
  return result
}

/** The verdict of a refresh, or the reason of its refusal. */
export function outcome(result: RefreshResult): string {
  return result.ok ? result.verdict : result.reason
}

let signingKey: Promise<SigningKey> | undefined
const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1)
