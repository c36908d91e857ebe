// A random history: what everybody does at once, step by step, while clock and storage misbehave.
import { createWorld, type Ground } from '../world.ts'
import { deeds, signInAnew } from './deeds.ts'
import type { Household } from './household.ts'
import type { History } from './state.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { type Climate, createWeather } from './weather.ts'
import { compareRecords, type RecordsBefore, readFamilies } from './records.ts'

/** What a history is made from. */
export interface HistoryOptions {
  readonly steps: number
  /** How many deeds happen at once, at most. */
  readonly deedsMax: number
  readonly climate: Climate
  readonly gracePeriodSeconds: number
  /** How many processes serve the storage; verdicts do not depend on it. */
  readonly processes: number
  /** Whether a new process serves every step; verdicts do not depend on it. */
  readonly restartsAlways?: boolean | undefined
  /** When it begins, in seconds from the usual beginning; verdicts do not depend on it. */
  readonly startSeconds?: number | undefined
}

/** How a history went. */
export type HistoryReport = Pick<Ledger, 'outcomes' | 'answers' | 'violations'>

/** Draws how a history shall be: strict or graceful, calm or stormy. */
export function drawHistory(ground: Ground): HistoryOptions {
  const chance = ground.chance.fork(OPTIONS_PURPOSE)
  return {
    steps: 40,
    deedsMax: chance.pick([1, 4, 8]),
    climate: { failuresPerThousandCalls: chance.pick([0, 20, 100]), resendEvery: chance.pick([0, 0, 1, 3]) },
    gracePeriodSeconds: chance.pick([0, 5, 10, 10, 60]),
    processes: chance.pick([1, 3]),
  }
}

/** Plays one history. All that happens in it comes from the ground's chance. */
export async function playHistory(
  ground: Ground,
  options: HistoryOptions = drawHistory(ground),
): Promise<HistoryReport> {
  const chance = ground.chance.fork(DEEDS_PURPOSE)
  const weather = createWeather(ground.chance.fork(WEATHER_PURPOSE), options.climate)
  const { gracePeriodSeconds, deedsMax, processes, startSeconds = 0 } = options
  const world = await createWorld(ground, { around: weather.around, policy: { gracePeriodSeconds }, processes })
  world.clock.advance(startSeconds)
  const history: History = {
    world,
    chance,
    weather,
    gracePeriodSeconds,
    deedsMax,
    ledger: openLedger(),
    households: [],
  }
  for (let step = 0; step < options.steps && history.ledger.violations.length === 0; step += 1) {
    await playStep(history, options)
    moveClock(history)
  }
  const { failed, resent } = weather.count()
  if (failed > 0) history.ledger.count('storage calls failed')
  if (resent > 0) history.ledger.count('writes sent twice')
  checkReplays(history)
  return history.ledger
}

/** Several deeds at once; what they leave behind is compared with what was there. */
async function playStep(history: History, { deedsMax, restartsAlways = false }: HistoryOptions): Promise<void> {
  const { chance, households, ledger, world, weather } = history
  await moveOut(history)
  if (households.length === 0) return
  if (chance.happens(0.05) || restartsAlways) world.restart()
  const before: RecordsBefore = await weather.calmly(() => readFamilies(world, households))
  const touched = new Set<Household>()
  const width = 1 + chance.below(deedsMax)
  // Often several on one family, so that they meet.
  const favourite = chance.pick(households)
  const underWay = Array.from({ length: width }, async () => {
    const household = chance.happens(0.7) ? favourite : chance.pick(households)
    const deed = chance.pick(deeds)
    for (const one of await deed(history, household)) touched.add(one)
  })
  await Promise.all(underWay)
  // What a failed call left running ends before the next step begins.
  await new Promise((resolve) => void setImmediate(resolve))
  const broken = await weather.calmly(() => compareRecords(world, before, touched))
  for (const violation of broken) ledger.violate(violation)
}

/** Those who are gone make room; somebody always lives here. */
async function moveOut(history: History): Promise<void> {
  const { chance, households, weather } = history
  const gone = households.findIndex(({ ended, lapsed }) => ended || lapsed)
  if (gone >= 0 && chance.happens(0.1)) households.splice(gone, 1)
  if (households.length === 0) await weather.calmly(() => signInAnew(history))
}

/** Time passes: none, seconds around the grace period, minutes, days, or backwards within the tolerance. */
function moveClock({ chance, world, households, ledger }: History): void {
  const draw = chance.below(100)
  const seconds =
    draw < 35
      ? 0
      : draw < 55
        ? chance.below(18)
        : draw < 85
          ? 60 * chance.below(60)
          : draw < 92
            ? 3600 * chance.below(60)
            : 0
  world.clock.advance(seconds)
  if (draw >= 92 && draw < 97) world.clock.advance(-1 - chance.below(5))
  if (draw >= 99) {
    world.clock.advance(15 * 86_400)
    ledger.count('everything lapsed')
    for (const household of households) household.lapsed = true
  }
}

/** However often a thief comes, one event tells of it. */
function checkReplays({ world, ledger }: History): void {
  const seen = new Set<string>()
  for (const event of world.events) {
    if (event.type !== 'refresh_token.replayed') continue
    if (seen.has(event.familyId)) ledger.violate('one family was replayed in two events')
    seen.add(event.familyId)
  }
}

const WEATHER_PURPOSE = 201
const DEEDS_PURPOSE = 202
const OPTIONS_PURPOSE = 203
