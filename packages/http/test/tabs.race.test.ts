// Tabs of one browser: answers that are lost, late or in another order; and sign-out against whatever is under way.
import { array, assert, asyncProperty, boolean, integer, nat, record } from 'fast-check'
import type { Storage } from '@tallystick/storage'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../src/index.ts'
import { COOKIE, createJar, createWorld, type Jar, pageRequest, signedIn, type World } from './world.ts'

const renewing = { sessionPolicy: { renewal: { afterSeconds: 300 } } }

function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}

async function isSignedIn(world: World, jar: Jar): Promise<boolean> {
  const answer = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
  jar.take(answer)
  return answer.ok
}

type Act = (world: World, request: Request) => Promise<Answer & { readonly ok: boolean }>
const acts: Readonly<Record<string, Act>> = {
  refresh: ({ sessions }, request) => sessions.refresh(request),
  authenticate: ({ sessions }, request) => sessions.authenticate(request),
  'sign in again': ({ sessions }, request) => sessions.signIn(request, { subject: 'alice' }),
  elevate: ({ sessions }, request) => sessions.elevate(request, { methods: ['otp'] }),
  'sign out': ({ sessions }, request) => sessions.signOut(request),
}

describe('the loser of a race never clears the winner’s cookie', () => {
  const ORDERS = {
    'in order': [0, 1],
    'the first late': [1, 0],
    'the second lost': [0],
    'the first lost': [1],
  } as const

  /** Two requests that left with one cookie, served one after the other; what the browser is left with. */
  async function leftWith(one: string, other: string, arriving: readonly number[]): Promise<string> {
    const world = createWorld({ server: renewing })
    const { jar } = await signedIn(world)
    world.clock.advance(301)
    const requests = [pageRequest('/', { jar }), pageRequest('/', { jar })]
    const answers = [await acts[one]!(world, requests[0]!), await acts[other]!(world, requests[1]!)]
    for (const answer of answers) {
      if (!answer.ok) expect(answer.cookies, 'no refusal sets or clears anything').toEqual([])
      const clears = answer.cookies.some(({ attributes }) => attributes.maxAgeSeconds === 0)
      expect(clears, 'who ended a session clears, and nobody else').toBe('revoked' in answer && answer.revoked === 1)
    }
    for (const at of arriving) jar.take(answers[at]!)
    if (jar.cookies.size === 0) return 'cleared'
    return (await isSignedIn(world, jar)) ? 'in' : 'out'
  }

  const names = Object.keys(acts)
  test('two tabs, every pair of requests and every order of their answers: who is left signed in', async () => {
    const left: Record<string, string[]> = { in: [], out: [], cleared: [] }
    for (const one of names)
      for (const other of names)
        for (const [name, arriving] of Object.entries(ORDERS))
          left[await leftWith(one, other, arriving)]!.push(`${one}, ${other}: ${name}`)
    const { in: signedInStill = [], out = [], cleared = [] } = left
    expect(signedInStill.length + out.length + cleared.length).toBe(100)
    // After a sign-out nobody is in, but who signed in again.
    expect(signedInStill.filter((text) => text.includes('sign out') && !text.includes('sign in again'))).toEqual([])
    expect(cleared.filter((text) => !text.includes('sign out'))).toEqual([])
    expect(cleared.filter((text) => text.includes('sign in again'))).toEqual([
      'sign out, sign in again: the first late',
      'sign out, sign in again: the second lost',
    ])
    const withoutSignOut = out.filter((text) => !text.includes('sign out'))
    // Answers that come in the order in which the server served them sign nobody out.
    expect(withoutSignOut.filter((text) => text.endsWith('in order'))).toEqual([])
    // A late answer puts its cookie over a newer one: a browser knows no compare-and-set.
    expect(withoutSignOut.filter((text) => text.endsWith('the first late'))).toEqual([
      'refresh, sign in again: the first late',
      'refresh, elevate: the first late',
      'elevate, sign in again: the first late',
      'elevate, elevate: the first late',
    ])
    // Of lost answers only that of a sign-in or a step-up: its new credential went to nobody else.
    for (const text of withoutSignOut.filter((one) => one.endsWith('lost')))
      expect(text).toMatch(
        /^(?:sign in again|elevate), .*: the first lost$|, (?:sign in again|elevate): the second lost$/,
      )
  })

  test('a sign-out that comes second ends nothing, clears nothing, and the new session stays', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const late = pageRequest('/sign-out', { jar })
    jar.take(await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject: 'alice' }))
    const answer = await world.sessions.signOut(late)
    expect(answer).toMatchObject({ ok: true, revoked: 0, cookies: [] })
    jar.take(answer)
    expect(await isSignedIn(world, jar)).toBe(true)
  })

  test('a late refusal of an old cookie leaves the new one alone', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const late = [pageRequest('/a', { jar }), pageRequest('/b', { jar }), pageRequest('/c', { jar })] as const
    jar.take(await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject: 'alice' }))
    const answers = [
      await world.sessions.authenticate(late[0]),
      await world.sessions.refresh(late[1]),
      await world.sessions.elevate(late[2], { methods: ['otp'] }),
    ]
    for (const answer of answers) {
      expect(answer).toMatchObject({ ok: false, reason: 'session/revoked', cookies: [] })
      jar.take(answer)
    }
    expect(await isSignedIn(world, jar)).toBe(true)
  })
})

test('BF-5 ten tabs that refresh at once, whatever order their answers come in and whichever are lost, stay signed in', async () => {
  const seen = { renewed: 0, nothingArrived: 0, allArrived: 0 }
  await assert(
    asyncProperty(
      array(record({ order: nat(), isLost: boolean() }), { minLength: 10, maxLength: 10 }),
      integer({ min: 0, max: 3000 }),
      async (tabs, pauseSeconds) => {
        const world = createWorld({ server: renewing })
        const { jar, credential } = await signedIn(world)
        for (let round = 0; round < 2; round += 1) {
          world.clock.advance(301)
          const requests = tabs.map(() => pageRequest('/refresh', { jar }))
          const answers = await Promise.all(requests.map((request) => world.sessions.refresh(request)))
          expect(answers.map(({ ok }) => ok)).toEqual(tabs.map(() => true))
          const served = new Set(answers.map((answer) => answer.ok && answer.credential))
          expect(served.size, 'one successor').toBe(1)
          const arriving = tabs
            .map((tab, at) => ({ ...tab, answer: answers[at]! }))
            .filter(({ isLost }) => !isLost)
            .toSorted((left, right) => left.order - right.order)
          for (const { answer } of arriving) {
            jar.take(answer)
            expect(await isSignedIn(world, jar)).toBe(true)
          }
          if (arriving.length === 0) seen.nothingArrived += 1
          if (arriving.length === 10) seen.allArrived += 1
          world.clock.advance(pauseSeconds)
          expect(await isSignedIn(world, jar), 'after a pause').toBe(true)
        }
        if (jar.cookies.get(COOKIE) !== credential) seen.renewed += 1
        expect(world.serverEvents.map(({ type }) => type)).not.toContain('session.replayed')
      },
    ),
    {
      numRuns: 60,
      examples: [
        [Array.from({ length: 10 }, () => ({ order: 0, isLost: true })), 3000],
        [Array.from({ length: 10 }, (_, order) => ({ order, isLost: false })), 0],
      ],
    },
  )
  for (const [outcome, count] of Object.entries(seen)) expect(count, outcome).toBeGreaterThan(0)
})

test('three tabs: every order in which their answers can come, every set of them lost', async () => {
  let histories = 0
  for (const order of permutations([0, 1, 2]))
    for (let lost = 0; lost < 8; lost += 1) {
      histories += 1
      const world = createWorld({ server: renewing })
      const { jar } = await signedIn(world)
      world.clock.advance(301)
      const requests = [0, 1, 2].map(() => pageRequest('/refresh', { jar }))
      const answers = await Promise.all(requests.map((request) => world.sessions.refresh(request)))
      for (const tab of order) if ((lost & (1 << tab)) === 0) jar.take(answers[tab]!)
      world.clock.advance(120)
      expect(await isSignedIn(world, jar), `${order.join()} lost ${lost}`).toBe(true)
      world.clock.advance(120)
      expect(await isSignedIn(world, jar), `${order.join()} lost ${lost}, later`).toBe(true)
    }
  expect(histories).toBe(48)
})

/** Storage that holds up the n-th call of one request until a door opens. */
function createGate() {
  let open: () => void = () => undefined
  let arrived: () => void = () => undefined
  const state = { watched: false, calls: 0, at: 0 }
  const door = new Promise<void>((resolve) => void (open = resolve))
  const waiting = new Promise<void>((resolve) => void (arrived = resolve))
  const wait = async (): Promise<void> => {
    if (!state.watched) return
    state.calls += 1
    if (state.calls !== state.at) return
    // Who waits is alone: everybody else passes.
    state.watched = false
    arrived()
    await door
  }
  const around = (storage: Storage): Storage => ({
    ...storage,
    records: {
      ...storage.records,
      read: async (...given) => {
        await wait()
        return storage.records.read(...given)
      },
      compareAndSet: async (...given) => {
        await wait()
        return storage.records.compareAndSet(...given)
      },
    },
  })
  return { state, around, open: () => open(), waiting }
}

describe('A33 BF-7 F85 what finishes after a sign-out sets no cookie and revives nothing', () => {
  test.each(['refresh', 'authenticate', 'elevate'])(
    '%s, held up before each of its calls of the store',
    async (name) => {
      let points = 0
      for (let at = 1; ; at += 1) {
        const gate = createGate()
        const world = createWorld({ server: renewing, around: gate.around })
        const { jar, credential } = await signedIn(world)
        world.clock.advance(301)
        gate.state.at = at
        gate.state.watched = true
        const slow = acts[name]!(world, pageRequest('/slow', { jar }))
        const isHeldUp = await Promise.race([gate.waiting.then(() => true), slow.then(() => false)])
        if (!isHeldUp) break
        points += 1
        const signOut = await world.sessions.signOut(pageRequest('/sign-out', { jar }))
        expect(signOut).toMatchObject({ ok: true, revoked: 1 })
        jar.take(signOut)
        gate.open()
        const answer = await slow
        expect(answer, `held up at call ${at}`).toMatchObject({ ok: false, reason: 'session/revoked', cookies: [] })
        jar.take(answer)
        expect(jar.cookies.size).toBe(0)
        const again = createJar()
        again.cookies.set(COOKIE, credential)
        expect(await isSignedIn(world, again)).toBe(false)
        expect(await world.server.sessions.list('alice')).toEqual([])
        gate.state.watched = false
      }
      expect(points, 'pause points').toBeGreaterThan(name === 'refresh' ? 2 : 1)
    },
  )
})
