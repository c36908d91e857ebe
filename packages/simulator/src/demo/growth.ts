// The last part of the demo: what one session costs in the store, however often it is refreshed.
import type { Storage } from '@tallystick/storage'
import { interceptStorage } from '@tallystick/storage/faults'
import { openClient, signIn } from '../client.ts'
import { nameOf } from '../outcome.ts'
import { createWorld, type Ground } from '../world.ts'

/** What the store holds for one session. */
export interface GrowthSample {
  readonly rotations: number
  readonly records: number
  /** Keys, texts and subjects, in bytes of UTF-8. */
  readonly bytes: number
}

/** What the store holds, measured after more and more rotations. */
export interface GrowthReport {
  readonly samples: readonly GrowthSample[]
  readonly ok: boolean
}

/** Rotates one session 10 000 times, ten minutes apart, and measures on the way. */
export async function measureGrowth(ground: Ground, points: readonly number[] = POINTS): Promise<GrowthReport> {
  const keys = new Set<string>()
  const world = await createWorld(
    { ...ground, chance: ground.chance.fork(GROWTH_PURPOSE) },
    {
      around: (storage) =>
        interceptStorage(storage, {
          after({ port, effect, key }) {
            if (port === 'records' && effect === 'write' && key !== undefined) keys.add(key)
          },
        }),
    },
  )
  const jar = await signIn(world, { keyed: true })
  const samples: GrowthSample[] = []
  let rotated = 0
  for (const rotations of points) {
    for (; rotated < rotations; rotated += 1) {
      world.clock.advance(600)
      const kept = jar.read()
      const answer = await world.server.rotate(kept)
      if (!answer.ok || answer.verdict !== 'rotated') return { samples, ok: false }
      jar.store(kept, { ...EMPTY_SET, refreshToken: answer.refreshToken, familyId: answer.family.familyId })
    }
    samples.push({ rotations, ...(await measure(world.storage, keys)) })
  }
  const standing = nameOf(await openClient(world, jar).refresh())
  return { samples, ok: standing === 'concurrent' && isConstant(samples) }
}

/** Whether records and bytes stay: but for digits of the generation, and the one earlier attempt that is remembered. */
export function isConstant(samples: readonly GrowthSample[]): boolean {
  const [first, ...later] = samples
  const settled = later[0]
  if (first === undefined || settled === undefined) return false
  return (
    later.every(({ records }) => records === first.records) &&
    settled.bytes - first.bytes <= EARLIER_ATTEMPT_BYTES + DIGITS_BYTES &&
    later.every(({ bytes }) => bytes - settled.bytes <= DIGITS_BYTES)
  )
}

async function measure(storage: Storage, keys: ReadonlySet<string>): Promise<Omit<GrowthSample, 'rotations'>> {
  const encoder = new TextEncoder()
  let records = 0
  let bytes = 0
  for (const key of keys) {
    const record = await storage.records.read(key)
    if (record === undefined) continue
    records += 1
    bytes += encoder.encode(key + record.text + (record.subject ?? '')).length
  }
  return { records, bytes }
}

const POINTS = [1, 100, 10_000]
/** Ten digits of a generation at most. */
const DIGITS_BYTES = 9
/** From the second rotation on the record also names the attempt before: 43 characters and their JSON member. */
const EARLIER_ATTEMPT_BYTES = 64
const GROWTH_PURPOSE = 112
const EMPTY_SET = {
  accessToken: '',
  tokenType: 'Bearer',
  expiresInSeconds: 0,
  refreshTokenExpiresInSeconds: 0,
} as const
