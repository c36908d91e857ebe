// Random data come back as JSON makes them, and random lives of a session end when a model of two numbers says so.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { authentication, createSealedWorld, short, stronger, wordOf } from './sealed-world.ts'
import { START } from './world.ts'

const RUNS = process.env['PROOF'] === undefined ? 1 : 40
const seed = 20_261_123

test('data of any shape come back as JSON makes them, or do not fit, and then it is said how large they are', async () => {
  const world = createSealedWorld()
  const reached = { objects: 0, texts: 0, tooLarge: 0 }
  const data = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'binary-ascii', minLength: 1500, maxLength: 5000 }),
    fc.dictionary(fc.constantFrom('__proto__', 'constructor', 'v', 'exp', 'sub', 'data'), fc.jsonValue()),
  )
  await fc.assert(
    fc.asyncProperty(data, async (given) => {
      const expected: unknown = JSON.parse(JSON.stringify(given))
      const sealed = await world.sealed.seal({ subject: 'alice', data: given })
      if (!sealed.ok) {
        expect(sealed.sizeBytes).toBeGreaterThan(4096)
        expect(JSON.stringify(given).length).toBeGreaterThan(400)
        reached.tooLarge += 1
        return
      }
      const opened = await world.sealed.open(sealed.credential)
      expect(opened).toMatchObject({ ok: true })
      // As text: a member named `constructor` deceives a comparison of objects.
      expect(JSON.stringify((opened as { data?: unknown }).data)).toBe(JSON.stringify(expected))
      const changed = await world.sealed.update(sealed.credential, (before) => ({ before }))
      if (changed.ok) expect(JSON.stringify(changed.data)).toBe(JSON.stringify({ before: expected }))
      reached[typeof given === 'object' ? 'objects' : 'texts'] += 1
    }),
    { numRuns: 400 * RUNS, seed },
  )
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(30)
})

interface Step {
  readonly what: 'open' | 'update' | 'elevate' | 'reauthenticate'
  readonly after: number
  /** Which of the values so far is presented, counted from the last. */
  readonly back: number
}

/** What a value is worth, in four numbers. */
interface Worth {
  readonly last: number
  readonly end: number
  readonly elevatedUntil: number
  readonly data: number
}

test('SE-4 F88 whatever is done with a session, each value lives exactly as long as a model of its ends says', async () => {
  const reached: Record<string, number> = {}
  const count = (what: string): void => void (reached[what] = (reached[what] ?? 0) + 1)
  const step: fc.Arbitrary<Step> = fc.record({
    what: fc.constantFrom('open', 'open', 'open', 'update', 'elevate', 'reauthenticate'),
    after: fc.oneof(
      { weight: 10, arbitrary: fc.integer({ min: 0, max: 60 }) },
      { weight: 10, arbitrary: fc.integer({ min: 0, max: 700 }) },
      { weight: 1, arbitrary: fc.integer({ min: 2500, max: 3700 }) },
    ),
    back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const { sealed, clock } = createSealedWorld()
      const first = await sealed.seal({ subject: 'alice', authentication, data: 0 })
      const values = [
        { value: (first as { credential: string }).credential, worth: worthOf(START, START + 3600, 0, 0) },
      ]
      for (const { what, after, back } of steps) {
        clock.advance(after)
        const now = clock.now()
        const { value, worth } = values.at(-1 - Math.min(back, values.length - 1))!
        const idleEnd = Math.min(worth.last + short.idleTimeoutSeconds, worth.end)
        const isIdle = now >= idleEnd && what !== 'reauthenticate'
        const expected = now >= worth.end ? 'session/expired' : isIdle ? 'session/idle' : 'ok'
        const answer = await act(sealed, what, value)
        expect(wordOf(answer)).toBe(expected)
        count(`${what} ${expected}`)
        if (!answer.ok) continue
        expect(answer.session.isElevated).toBe(
          what === 'elevate' || (what !== 'reauthenticate' && now < worth.elevatedUntil),
        )
        const next = {
          open: worthOf(now, worth.end, worth.elevatedUntil, worth.data),
          update: worthOf(now, worth.end, worth.elevatedUntil, worth.data + 1),
          elevate: worthOf(now, worth.end, Math.min(now + short.elevationSeconds, worth.end), worth.data),
          reauthenticate: worthOf(now, now + short.absoluteTimeoutSeconds, 0, worth.data),
        }[what]
        expect(answer.data).toBe(next.data)
        const moved = Math.min(now + short.idleTimeoutSeconds, worth.end) - idleEnd
        expect(answer.credential !== undefined).toBe(what !== 'open' || moved >= short.touchSeconds)
        if (answer.credential === undefined) continue
        if (what === 'open') count('sealed anew')
        values.push({ value: answer.credential, worth: next })
      }
    }),
    { numRuns: 300 * RUNS, seed },
  )
  expect(Object.keys(reached).sort()).toStrictEqual([
    'elevate ok',
    'elevate session/expired',
    'elevate session/idle',
    'open ok',
    'open session/expired',
    'open session/idle',
    'reauthenticate ok',
    'reauthenticate session/expired',
    'sealed anew',
    'update ok',
    'update session/expired',
    'update session/idle',
  ])
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(5)
})

function worthOf(last: number, end: number, elevatedUntil: number, data: number): Worth {
  return { last, end, elevatedUntil, data }
}

function act(sealed: ReturnType<typeof createSealedWorld>['sealed'], what: Step['what'], value: string) {
  if (what === 'open') return sealed.open(value)
  if (what === 'update') return sealed.update(value, (data) => Number(data) + 1)
  return sealed[what](value, stronger)
}
