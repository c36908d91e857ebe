// SE-4 the clock of sealed sessions: every policy × every age × every verb, against a table worked out by hand.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import { expect, test } from 'vitest'
import { authentication, createSealedWorld, failureOf, inside, sealFor, short, wordOf } from './sealed-world.ts'
import { START } from './world.ts'

const OK = 'ok'
const SEALED = 'sealed anew'
const [IDLE, EXPIRED] = ['session/idle', 'session/expired']

/** Idle, absolute and touch; then seconds since sealing, what opening answers, what re-authentication does. */
const rows: ReadonlyArray<readonly [number | 'none', number, number, number, string, string]> = [
  [600, 3600, 30, 0, OK, SEALED],
  [600, 3600, 30, 1, OK, SEALED],
  [600, 3600, 30, 29, OK, SEALED],
  [600, 3600, 30, 30, SEALED, SEALED],
  [600, 3600, 30, 599, SEALED, SEALED],
  [600, 3600, 30, 600, IDLE, SEALED],
  [600, 3600, 30, 3599, IDLE, SEALED],
  [600, 3600, 30, 3600, EXPIRED, EXPIRED],
  [600, 3600, 30, 1_000_000, EXPIRED, EXPIRED],
  [600, 3600, 0, 0, OK, SEALED],
  [600, 3600, 0, 1, SEALED, SEALED],
  // The idle end cannot pass the absolute one, so that no use moves it.
  [600, 600, 30, 300, OK, SEALED],
  [600, 600, 30, 599, OK, SEALED],
  [600, 600, 30, 600, EXPIRED, EXPIRED],
  [600, 620, 30, 599, OK, SEALED],
  [600, 630, 30, 599, SEALED, SEALED],
  ['none', 3600, 30, 3599, OK, SEALED],
  ['none', 3600, 30, 3600, EXPIRED, EXPIRED],
]

test.each(rows)(
  'SE-4 idle %s, absolute %i, touch %i: after %i seconds a value opens as %s, and re-authentication gives %s',
  async (idleTimeoutSeconds, absoluteTimeoutSeconds, touchSeconds, age, expected, proved) => {
    const policy = { idleTimeoutSeconds, absoluteTimeoutSeconds, touchSeconds }
    const world = createSealedWorld({ policy })
    const value = await sealFor(world)
    world.clock.advance(age)
    const answer = await world.sealed.open(value)
    const word = wordOf(answer)
    expect(word === OK && 'credential' in answer ? SEALED : word).toBe(expected)
    const isOpen = expected === OK || expected === SEALED
    expect(wordOf(await world.sealed.update(value, () => 1))).toBe(isOpen ? OK : expected)
    expect(wordOf(await world.sealed.elevate(value, authentication))).toBe(isOpen ? OK : expected)
    const again = wordOf(await world.sealed.reauthenticate(value, authentication))
    expect(again === OK ? SEALED : again).toBe(proved)
  },
)

test('SE-4 activity resets the idle end alone: used all the time, a session ends at its absolute end', async () => {
  const world = createSealedWorld()
  let value = await sealFor(world)
  const ends: number[] = []
  for (const step of [500, 500, 500, 500, 500, 500, 500, 99]) {
    world.clock.advance(step)
    const answer = await world.sealed.open(value)
    expect(wordOf(answer)).toBe('ok')
    value = (answer as { credential?: string }).credential ?? value
    ends.push(Number((await inside(value))['idle']) - START)
    expect((await inside(value))['exp']).toBe(START + 3600)
  }
  expect(ends).toStrictEqual([1100, 1600, 2100, 2600, 3100, 3600, 3600, 3600])
  world.clock.advance(1)
  expect(wordOf(await world.sealed.open(value))).toBe('session/expired')
})

test('SE-4 a session ends early by less than touchSeconds, and never late', async () => {
  const world = createSealedWorld()
  const value = await sealFor(world)
  world.clock.advance(29)
  expect(await world.sealed.open(value)).not.toHaveProperty('credential')
  // Used 29 seconds after its sealing, it ends 600 after its sealing.
  world.clock.advance(570)
  expect(wordOf(await world.sealed.open(value))).toBe('ok')
  world.clock.advance(1)
  expect(wordOf(await world.sealed.open(value))).toBe('session/idle')
})

test.each([
  [0, 'ok'],
  [-5, 'ok'],
  [-6, 'ERR_CLOCK'],
  [-100_000, 'ERR_CLOCK'],
])('A34 a clock that stands %i seconds from the sealing: %s', async (seconds, expected) => {
  let now: NumericDate = START
  const world = createSealedWorld({ clock: { now: () => now } })
  const value = await sealFor(world)
  now = plusSeconds(START, seconds)
  if (expected === 'ERR_CLOCK') {
    for (const call of [world.sealed.open(value), world.sealed.reauthenticate(value, authentication)]) {
      expect(await failureOf(call)).toMatchObject({ code: 'ERR_CLOCK' })
    }
    return
  }
  expect(await world.sealed.open(value)).not.toHaveProperty('credential')
  // Within the tolerance nothing is written down as earlier.
  const { session } = (await world.sealed.update(value, () => 1)) as { session?: object }
  expect(session).toMatchObject({ lastPresentedAt: START, idleExpiresAt: START + 600 })
})

test('A34 a clock that tells no time is a failure, and no verdict', async () => {
  let now: unknown = START
  const world = createSealedWorld({ clock: { now: () => now as never }, policy: short })
  const value = await sealFor(world)
  for (now of [Number.NaN, START * 1000, -1, START + 0.5, undefined, 'now']) {
    expect(await failureOf(world.sealed.open(value))).toMatchObject({ code: 'ERR_CLOCK' })
    expect(await failureOf(world.sealed.seal({ subject: 'alice' }))).toMatchObject({ code: 'ERR_CLOCK' })
  }
})
