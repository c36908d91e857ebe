// A simulated world: the real token server over a storage, with a clock and chance under control, and its events kept.
import type { Clock } from '@tallystick/core'
import type { SigningKey } from '@tallystick/jwt'
import type { RefreshPolicy } from '@tallystick/refresh-token'
import { createTokenServer, type ServerEvent, type TokenServer, type TokenServerOptions } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import { memoryStorage } from '@tallystick/storage-memory'
import { type Chance, createChance } from './chance.ts'
import { createSimulatedClock, type SimulatedClock } from './clock.ts'
import { createSimulatedKey } from './signing-key.ts'

/** What every world of a run stands on. Tests break laws here, and see the breach noticed. */
export interface Ground {
  readonly chance: Chance
  readonly key: SigningKey
  /** Opens a fresh, empty storage whose records live by the clock. */
  readonly openStorage: (clock: Clock) => Promise<Storage>
  readonly policy?: RefreshPolicy | undefined
}

/** What one world has of its own. */
export interface WorldOptions {
  /** Whether the storage has its revocation log; default true. */
  readonly log?: boolean | undefined
  /** Puts something around a fresh storage: faults, a failover, a measure. */
  readonly around?: ((storage: Storage) => Storage) | undefined
  readonly policy?: RefreshPolicy | undefined
  /** How many processes serve the storage, each with a memory of its own; default 1. */
  readonly processes?: number | undefined
}

/** A simulated world. */
export interface World {
  readonly clock: SimulatedClock
  readonly chance: Chance
  readonly storage: Storage
  /** The server of a process that runs now; any of them, where there are several. */
  readonly server: TokenServer
  /** Every event since the beginning, over all processes. */
  readonly events: readonly ServerEvent[]
  /** Every process dies and another starts: their memory is gone, the storage stays. */
  restart(): void
}

/** Lays the ground. @param seed - All chance of a run comes from it. */
export async function layGround(
  seed: number,
  differently: Partial<Pick<Ground, 'openStorage' | 'policy'>> = {},
): Promise<Ground> {
  const chance = createChance(seed)
  return {
    chance,
    key: await createSimulatedKey(chance.fork(KEY_PURPOSE)),
    openStorage: (clock) => Promise.resolve(memoryStorage({ clock })),
    ...differently,
  }
}

/** Makes a world. */
export async function createWorld(ground: Ground, options: WorldOptions = {}): Promise<World> {
  const clock = createSimulatedClock()
  const { log = true, around = (storage: Storage) => storage } = options
  const opened = around(await ground.openStorage(clock))
  const storage = log ? opened : { records: opened.records }
  const events: ServerEvent[] = []
  const { chance } = ground
  const serverOptions: TokenServerOptions = {
    issuer: ISSUER,
    audience: AUDIENCE,
    clientId: 'app',
    keys: [ground.key],
    refreshTokenSecrets: [{ id: 1, secret: chance.bytes(32) }],
    accessToken: { lifetimeSeconds: ACCESS_TOKEN_LIFETIME_SECONDS },
    policy: { ...options.policy, ...ground.policy },
    storage,
    clock,
    entropy: chance,
    onEvent: (event) => void events.push(event),
  }
  const { processes = 1 } = options
  const balance = chance.fork(BALANCE_PURPOSE)
  const startAll = (): readonly TokenServer[] =>
    Array.from({ length: processes }, () => createTokenServer(serverOptions))
  let servers = startAll()
  return {
    clock,
    chance,
    storage,
    events,
    get server() {
      return balance.pick(servers)
    },
    restart() {
      servers = startAll()
    },
  }
}

/** The issuer of every simulated world. */
export const ISSUER = 'https://auth.example.com'
/** The resource server of every simulated world. */
export const AUDIENCE = 'https://api.example.com'
/** Longer than the ten minutes after which thieves come, so that a refused access token is not just an expired one. */
export const ACCESS_TOKEN_LIFETIME_SECONDS = 900
const KEY_PURPOSE = 101
const BALANCE_PURPOSE = 102
