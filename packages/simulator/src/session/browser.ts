// An honest browser: one cookie, several tabs that renew it, answers that are late or lost, and servers in a storm.
import type { TokenServer } from '@tallystick/server'
import type { Chance } from '../chance.ts'
import type { Ground } from '../world.ts'
import type { SessionReport } from './history.ts'
import { ask, count, type Process, type Scene } from './scene.ts'
import { openStage, type SessionHistoryOptions, type Stage } from './stage.ts'

/** A browser: what its cookie holds, and what its tabs have seen. */
interface Browser {
  readonly scene: Scene
  cookie: string
  /** The words that updates were answered for. */
  readonly written: string[]
  /** Answers underway, each as what it does to the cookie. */
  readonly late: Array<() => void>
}

/** Plays one browser for some time; no renewal may ever sign it out, and no update may be lost. */
export async function recordBrowser(ground: Ground, options: SessionHistoryOptions = {}): Promise<SessionReport> {
  const chance = ground.chance.fork(PURPOSE)
  const stage = await openStage(ground, chance, options)
  const { scene, calm, clock } = stage
  const { subject, answers, breaches } = scene
  const established = await calm.sessions.establish({ subject, data: '' })
  const browser: Browser = { scene, cookie: established.ok ? established.credential : '', written: [], late: [] }
  const processes = [stage.open(), stage.open()]
  for (let phase = 0; phase < PHASES; phase += 1) {
    const tabs = Array.from({ length: TABS }, (_, tab) =>
      runTab(stage, browser, processes, chance.fork(phase * TABS + tab)),
    )
    const arriving = browser.late.splice(0)
    await Promise.all(tabs)
    // From before the pause: no answer is underway for as long as the overlap.
    for (const arrive of chance.shuffle(arriving)) arrive()
    await scene.storm.settled()
    const pauseSeconds = chance.pick(PAUSES_SECONDS)
    if (pauseSeconds >= OVERLAP_SECONDS) for (const arrive of browser.late.splice(0)) arrive()
    clock.advance(pauseSeconds)
  }
  const last = await calm.sessions.read(browser.cookie)
  if (!last.ok) breaches.push(`signed out at last: ${last.reason}`)
  const words = last.ok ? String(last.data).split(' ') : []
  const lost = browser.written.filter((word) => words.filter((each) => each === word).length !== 1)
  if (last.ok && lost.length > 0) breaches.push(`lost or twice: ${lost.join()}`)
  return { answers, violations: breaches }
}

async function runTab(stage: Stage, browser: Browser, processes: Process[], draws: Chance): Promise<void> {
  for (let round = 0; round < CALLS_PER_PHASE; round += 1) {
    const at = draws.below(processes.length)
    if (processes[at]?.isDead() === true) processes[at] = stage.open()
    await send(browser, processes[at]?.server ?? stage.calm, draws)
  }
}

/** Sends the cookie as it is now. The answer arrives at once, late, or never. */
async function send(browser: Browser, server: TokenServer, draws: Chance): Promise<void> {
  const { scene, written } = browser
  const { cookie } = browser
  const word = String(scene.tick())
  const verb = draws.pick(VERBS)
  const result = await ask<BrowserResult>(scene, verb, () =>
    verb === 'update'
      ? server.sessions.update(cookie, (data) => `${String(data)} ${word}`)
      : server.sessions[verb](cookie),
  )
  if (result === undefined) return
  if (!result.ok) scene.breaches.push(`${verb} signed the browser out: ${result.reason}`)
  if (verb === 'update') written.push(word)
  const { credential = cookie } = result
  count(scene, `${verb} ${credential === cookie ? 'as before' : (result.verdict ?? 'served')}`)
  // No cookie is written that holds what was presented: late, it would overwrite a newer one.
  if (credential === cookie) return
  const arrive = (): void => {
    browser.cookie = credential
  }
  const fate = draws.pick(FATES)
  count(scene, `answer ${fate}`)
  if (fate === 'in time') arrive()
  if (fate === 'late') browser.late.push(arrive)
}

type BrowserResult =
  | { readonly ok: true; readonly credential?: string | undefined; readonly verdict?: string }
  | { readonly ok: false; readonly reason: string; readonly credential?: undefined; readonly verdict?: undefined }

const PURPOSE = 22
const PHASES = 8
const TABS = 3
const CALLS_PER_PHASE = 2
const OVERLAP_SECONDS = 60
const PAUSES_SECONDS: readonly number[] = [1, 30, 59, 60, 61, 600]
const VERBS = ['present', 'renew', 'renew', 'read', 'update'] as const
const FATES = ['in time', 'in time', 'late', 'lost'] as const
