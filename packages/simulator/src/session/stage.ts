// The servers of a history of sessions: processes in a storm over one storage, and one without faults.
import { createTokenServer, type TokenServer, type TokenServerOptions } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import type { Chance } from '../chance.ts'
import { createSimulatedClock, type SimulatedClock } from '../clock.ts'
import { AUDIENCE, type Ground, ISSUER } from '../world.ts'
import type { Process, Scene } from './scene.ts'
import type { SessionTerms } from './specification.ts'
import { drawWeather, raiseStorm, type Weather } from './storm.ts'

/** How a history differs from the ordinary one. */
export interface SessionHistoryOptions {
  readonly weather?: Weather | undefined
  /** The options of the n-th process; tests break laws here. */
  readonly optionsOf?: ((options: TokenServerOptions, process: number) => TokenServerOptions) | undefined
}

/** Everything a history plays on. */
export interface Stage {
  readonly scene: Scene
  readonly clock: SimulatedClock
  /** What lies below the storm. */
  readonly storage: Storage
  /** A server without faults. */
  readonly calm: TokenServer
  /** Starts another process in the storm. */
  open(): Process
  /** The last cut-off of the subject whose revocation was carried through. */
  readonly cutoff: () => number
}

/** Opens the stage of a history. */
export async function openStage(
  ground: Ground,
  chance: Chance,
  { weather, optionsOf = (options) => options }: SessionHistoryOptions,
): Promise<Stage> {
  const clock = createSimulatedClock()
  const storage = await ground.openStorage(clock)
  const storm = raiseStorm(storage, chance, weather ?? drawWeather(chance))
  let cutoff = 0
  const shared: Omit<TokenServerOptions, 'storage'> = {
    issuer: ISSUER,
    audience: AUDIENCE,
    clientId: 'app',
    keys: [ground.key],
    refreshTokenSecrets: [{ id: 1, secret: chance.bytes(32) }],
    accessToken: { format: 'opaque' },
    policy: { ...ground.policy, gracePeriodSeconds: 0 },
    // Ends by time alone are no matter of order.
    sessionPolicy: { idleTimeoutSeconds: 'none', touchSeconds: 0, renewal: { overlapSeconds }, elevationSeconds },
    clock,
    entropy: chance.fork(ENTROPY_PURPOSE),
    onEvent: (event) => {
      if (event.type === 'subject.revoked') cutoff = Math.max(cutoff, event.cutoff)
    },
  }
  let processes = 0
  let events = 0
  return {
    scene: {
      clock,
      subject: 'user_42',
      storm,
      sessions: [],
      sweepings: [],
      answers: new Map(),
      breaches: [],
      tick: () => (events += 1),
    },
    clock,
    storage,
    calm: createTokenServer({ ...shared, storage }),
    open() {
      const process = storm.openProcess()
      const options = optionsOf({ ...shared, storage: process.storage }, (processes += 1))
      return { server: createTokenServer(options), isDead: () => process.isDead() }
    },
    cutoff: () => cutoff,
  }
}

const overlapSeconds = 60
const elevationSeconds = 90
const ENTROPY_PURPOSE = 100

/** What the specification has to know of the sessions on every stage. */
export const stageTerms: SessionTerms = { overlapSeconds, elevationSeconds }
