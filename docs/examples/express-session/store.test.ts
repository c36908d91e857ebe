// The store by itself: failures, records that cannot be read, writes that are sent twice, and what is written how often.
import { numericDate } from '@tallystick/core'
import { resendWrites } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import type { Request, Response } from 'express'
import session, { type SessionData } from 'express-session'
import { describe, expect, test } from 'vitest'
import { merge } from './session-record.ts'
import { TallystickStore } from './store.ts'
import { called, createWorld, idIn, MINUTE, serving } from './world.ts'

const data = (members: object): SessionData =>
  ({ cookie: { originalMaxAge: MINUTE, path: '/' }, ...members }) as unknown as SessionData
const lost = () => Object.assign(new Error('connect ENOENT /var/run/store.sock'), { code: 'ENOENT' })

describe('what fails is a failure', () => {
  test('a driver’s ENOENT is an error, and no new session: express-session would take it for "not found"', async () => {
    const world = await createWorld()
    await serving(
      { store: world.store },
      (request, response) => response.end((request.session.user ??= 'ada')),
      async (app) => {
        const browser = app.openBrowser()
        await browser.get('/')
        const held = browser.cookie()
        world.hooks = {
          before() {
            throw lost()
          },
        }
        const answer = await browser.get('/')
        expect([answer.status, answer.text]).toEqual([500, 'the store of sessions failed'])
        expect(answer.headers.getSetCookie()).toEqual([])
        world.hooks = {}
        expect((await browser.get('/')).text).toBe('ada')
        expect(browser.cookie()).toBe(held)
      },
    )
  })

  test.each(['/save', '/touch', '/destroy'])('an error at the end of %s is told', async (path) => {
    const world = await createWorld(undefined, { touchSeconds: 0 })
    const routes = {
      '/': (request: { session: object }, response: { end(text: string): void }) => {
        Object.assign(request.session, { user: 'ada' })
        response.end('ok')
      },
      '/save': (request: { session: object }, response: { end(text: string): void }) => {
        Object.assign(request.session, { count: 1 })
        response.end('ok')
      },
      '/touch': (_: unknown, response: { end(text: string): void }) => response.end('ok'),
      '/destroy': (request: { session: unknown }, response: { end(text: string): void }) => {
        request.session = null
        response.end('ok')
      },
    }
    await serving({ store: world.store, unset: 'destroy' }, routes as never, async (app) => {
      const browser = app.openBrowser()
      await browser.get('/')
      world.hooks = {
        before({ effect }) {
          if (effect === 'write') throw lost()
        },
      }
      await browser.get(path)
      expect(await app.errors()).toMatchObject([{ code: 'ERR_STORAGE_UNAVAILABLE' }])
    })
  })

  test.each([
    '',
    'null',
    '{}',
    '{"v":2,"usedAt":1,"cookie":{},"data":{}}',
    '{"v":1,"usedAt":"1","cookie":{},"data":{}}',
    '{"v":1,"usedAt":1,"cookie":null,"data":{}}',
    '{"v":1,"usedAt":1,"cookie":{},"data":[]}',
  ])('a record that cannot be read (%j) is an error, and no new session; it can still be destroyed', async (text) => {
    const { store, storage, clock } = await createWorld()
    await called((done) => store.set('a', data({ user: 'ada' }), done))
    const [record] = (await storage.records.list({ subject: 'express-session' })).records
    const { key, version } = record!
    await storage.records.compareAndSet(key, version, { text }, numericDate(clock.now() + 60))
    for (const work of [
      called((done) => store.get('a', done)),
      called((done) => store.set('a', data({ user: 'bob' }), done)),
      called((done) => store.touch('a', data({}), done)),
    ]) {
      await expect(work).rejects.toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
    }
    await called((done) => store.destroy('a', done))
    expect(await called((done) => store.get('a', done))).toBe(null)
  })

  test('a session beyond what a record holds is an error', async () => {
    const { store } = await createWorld()
    await expect(called((done) => store.set('a', data({ user: 'x'.repeat(70_000) }), done))).rejects.toThrow(
      /65536 bytes/,
    )
    expect(await called((done) => store.length(done))).toBe(0)
  })

  test('a store that never lets a write win ends in an error', async () => {
    const world = await createWorld()
    await called((done) => world.store.set('a', data({ user: 'ada' }), done))
    const other = new TallystickStore(world.storage.records, { idleTimeoutSeconds: 60, clock: world.clock })
    let isBusy = false
    let count = 0
    world.hooks = {
      async before({ method }) {
        if (method !== 'compareAndSet' || isBusy) return
        isBusy = true
        await called((done) => other.set('a', data({ count: count++ }), done))
        isBusy = false
      },
    }
    await expect(called((done) => world.store.set('a', data({ theme: 'x' }), done))).rejects.toMatchObject({
      code: 'ERR_STORAGE_CONTENDED',
    })
    expect(count).toBe(32)
  })
})

describe('F85 a destroyed session', () => {
  const late: Array<[string, (store: TallystickStore, held: SessionData) => Promise<unknown>]> = [
    [
      'saved by who read it before',
      (store, held) => called((done) => store.set('a', Object.assign(held, { count: 2 }), done)),
    ],
    ['touched by who read it before', (store, held) => called((done) => store.touch('a', held, done))],
    ['saved by who never read it', (store) => called((done) => store.set('a', data({ user: 'eve' }), done))],
    ['touched by who never read it', (store) => called((done) => store.touch('a', data({}), done))],
    ['destroyed again', (store) => called((done) => store.destroy('a', done))],
  ]
  test.each(late)('stays so, also if it is %s', async (_, come) => {
    const { store, clock } = await createWorld(undefined, { touchSeconds: 0 })
    await called((done) => store.set('a', data({ user: 'ada' }), done))
    const held = await called<SessionData>((done) => store.get('a', done as never))
    await called((done) => store.destroy('a', done))
    await come(store, held)
    expect(await called((done) => store.get('a', done))).toBe(null)
    expect(await called((done) => store.length(done))).toBe(0)
    clock.advance(61)
    await come(store, held)
    expect(await called((done) => store.get('a', done))).toBe(null)
  })

  test('is not brought back once its tombstone is gone, nor is one that came to its end', async () => {
    const { store, clock } = await createWorld()
    for (const end of ['destroy', 'idle']) {
      await called((done) => store.set(end, data({ user: 'ada' }), done))
      const held = await called<SessionData>((done) => store.get(end, done as never))
      if (end === 'destroy') await called((done) => store.destroy(end, done))
      clock.advance(10_000)
      await called((done) => store.set(end, Object.assign(held, { count: 2 }), done))
      expect(await called((done) => store.get(end, done))).toBe(null)
    }
  })

  test('is one also where its first save comes after: an id is closed, stored or not', async () => {
    const { store } = await createWorld()
    await called((done) => store.destroy('new', done))
    await called((done) => store.set('new', data({ user: 'ada' }), done))
    expect(await called((done) => store.get('new', done))).toBe(null)
  })
})

test('a write that a driver sends twice is one write', async () => {
  const resending = resendWrites(memoryStorage())
  const store = new TallystickStore(resending.storage.records, { idleTimeoutSeconds: 3600, touchSeconds: 0 })
  await called((done) => store.set('a', data({ user: 'ada' }), done))
  const held = await called<SessionData>((done) => store.get('a', done as never))
  await called((done) => store.set('a', Object.assign(held, { count: 1 }), done))
  await called((done) => store.set('a', Object.assign(held, { count: 2 }), done))
  expect(await called((done) => store.get('a', done))).toMatchObject({ user: 'ada', count: 2 })
  await called((done) => store.destroy('a', done))
  expect(await called((done) => store.get('a', done))).toBe(null)
  expect(resending.resent()).toBe(4)
})

test('use is written down at most once in `touchSeconds`, and a session never lasts longer for it', async () => {
  const { store, clock, calls } = await createWorld(undefined, { touchSeconds: 5 })
  await called((done) => store.set('a', data({ user: 'ada' }), done))
  const use = async () => {
    const held = await called<SessionData>((done) => store.get('a', done as never))
    await called((done) => store.touch('a', held, done))
    return calls.splice(0).includes('compareAndSet')
  }
  calls.length = 0
  const written: boolean[] = []
  for (let second = 0; second < 15; second += 1) {
    clock.advance(1)
    written.push(await use())
  }
  expect(written.flatMap((is, at) => (is ? [at + 1] : []))).toEqual([5, 10, 15])
  clock.advance(4)
  expect(await use()).toBe(false)
  clock.advance(56)
  expect(await called((done) => store.get('a', done))).toBe(null)
})

test('a session of a few seconds is not shortened by the throttle', async () => {
  const { store, clock } = await createWorld()
  const short = data({ user: 'ada' })
  Object.assign(short.cookie, { originalMaxAge: 3000 })
  await called((done) => store.set('a', short, done))
  for (let second = 0; second < 10; second += 2) {
    clock.advance(2)
    const held = await called<SessionData>((done) => store.get('a', done as never))
    expect(held).toMatchObject({ user: 'ada' })
    await called((done) => store.touch('a', held, done))
  }
})

test('a request costs one read, and one write only where something is to be written', async () => {
  const { store, calls } = await createWorld()
  await serving(
    { store },
    (request, response) => {
      if (request.url !== '/see') request.session.count = (request.session.count ?? 0) + 1
      response.end(String(request.session.count))
    },
    async (app) => {
      const browser = app.openBrowser()
      await browser.get('/')
      expect(calls.splice(0)).toEqual(['compareAndSet'])
      expect((await browser.get('/')).text).toBe('2')
      expect(calls.splice(0)).toEqual(['read', 'compareAndSet'])
      await browser.get('/see')
      expect(calls.splice(0)).toEqual(['read'])
      expect(idIn(browser)).not.toBe('')
    },
  )
})

test('`resave` of what nobody changed costs no more than a use', async () => {
  const { store, calls } = await createWorld()
  const handler = (request: Request, response: Response) => response.end((request.session.user ??= 'ada'))
  await serving({ store, resave: true }, handler, async (app) => {
    const browser = app.openBrowser()
    await browser.get('/')
    calls.length = 0
    await browser.get('/')
    expect(calls).toEqual(['read'])
  })
})

test('a use that is written down is known to the request that goes on, and its cookie expires later', async () => {
  const { store, clock, calls } = await createWorld(undefined, { touchSeconds: 5 })
  await called((done) => store.set('a', data({ user: 'ada' }), done))
  const held = await called<SessionData>((done) => store.get('a', done as never))
  calls.length = 0
  for (const expires of ['2027-01-15T08:01:05.000Z', '2027-01-15T08:01:10.000Z']) {
    clock.advance(5)
    Object.assign(held.cookie, { expires })
    await called((done) => store.touch('a', held, done))
    expect(calls.splice(0)).toEqual(['compareAndSet'])
    expect(await called((done) => store.get('a', done))).toMatchObject({ cookie: { expires } })
    calls.length = 0
  }
})

test('a cookie that the application changes is written at once, throttle or not', async () => {
  const { store, clock } = await createWorld()
  await called((done) => store.set('a', data({ user: 'ada' }), done))
  const held = await called<SessionData>((done) => store.get('a', done as never))
  Object.assign(held.cookie, { originalMaxAge: 10 * MINUTE })
  await called((done) => store.touch('a', held, done))
  clock.advance(599)
  expect(await called((done) => store.get('a', done))).toMatchObject({ user: 'ada' })
})

test('F86 a session that came to its end is over, also where the storage forgets late', async () => {
  const { clock } = await createWorld()
  const late = memoryStorage({ clock: { now: () => numericDate(1_800_000_000) } })
  const store = new TallystickStore(late.records, { idleTimeoutSeconds: 60, clock })
  await called((done) => store.set('a', data({ user: 'ada' }), done))
  const held = await called<SessionData>((done) => store.get('a', done as never))
  clock.advance(60)
  await called((done) => store.set('a', Object.assign(held, { count: 1 }), done))
  expect(await called((done) => store.get('a', done))).toBe(null)
  expect(await called((done) => store.length(done))).toBe(0)
})

test('what was destroyed stands in no list', async () => {
  const { store, storage } = await createWorld()
  await called((done) => store.set('a', data({ user: 'ada' }), done))
  await called((done) => store.destroy('a', done))
  expect((await storage.records.list({ subject: 'express-session' })).records).toEqual([])
})

test('`clear` ends every session, and `all` and `length` know of the living alone', async () => {
  const { store, clock, storage } = await createWorld()
  const other = new TallystickStore(storage.records, { idleTimeoutSeconds: 60, name: 'other', clock })
  for (let at = 0; at < 250; at += 1) await called((done) => store.set(`s${at}`, data({ count: at }), done))
  await called((done) => other.set('s1', data({ user: 'elsewhere' }), done))
  await called((done) => store.destroy('s7', done))
  expect(await called((done) => store.length(done))).toBe(249)
  const all = await called<Array<{ count: number }>>((done) => store.all(done as never))
  expect(new Set(all.map(({ count }) => count)).size).toBe(249)
  await called((done) => store.clear(done))
  expect([await called((done) => store.length(done)), await called((done) => store.get('s3', done))]).toEqual([0, null])
  expect(await called((done) => other.get('s1', done))).toMatchObject({ user: 'elsewhere' })
})

test('members named like parts of objects are members like others', async () => {
  const { store } = await createWorld()
  const odd = JSON.parse('{"cookie":{},"__proto__":{"user":"eve"},"constructor":1,"hasOwnProperty":2}') as SessionData
  await called((done) => store.set('a', odd, done))
  const held = await called<object>((done) => store.get('a', done as never))
  expect(Object.keys(held).toSorted()).toEqual(['__proto__', 'constructor', 'cookie', 'hasOwnProperty'])
  expect((held as { user?: string }).user).toBe(undefined)
})

test.each<[string, object, object, object, object]>([
  ['nobody changed anything', { a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }],
  ['mine alone', { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }],
  ['theirs alone', { a: 1 }, { a: 1 }, { a: 3 }, { a: 3 }],
  ['both: the last writer is me', { a: 1 }, { a: 2 }, { a: 3 }, { a: 2 }],
  ['I removed what they changed', { a: 1 }, {}, { a: 3 }, {}],
  ['they removed what I changed', { a: 1 }, { a: 2 }, {}, { a: 2 }],
  ['they removed what I left alone', { a: 1, b: 1 }, { a: 1, b: 2 }, { b: 1 }, { b: 2 }],
  ['each added one', {}, { a: 1 }, { b: 1 }, { b: 1, a: 1 }],
  [
    'within one member nothing is merged',
    { a: { x: 1, y: 1 } },
    { a: { x: 2, y: 1 } },
    { a: { x: 1, y: 2 } },
    { a: { x: 2, y: 1 } },
  ],
])('two changes come together: %s', (_, seen, mine, stored, expected) => {
  const of = (members: object) => ({
    members: new Map(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)])),
    cookie: {},
  })
  expect(merge(of(seen), of(mine), of(stored)).members).toEqual(of(expected).members)
})

test.each<[string, unknown, object]>([
  ['a store without compare-and-set', { capabilities: { compareAndSet: false } }, { idleTimeoutSeconds: 60 }],
  ['no idle end', undefined, {}],
  ['an idle end of no time', undefined, { idleTimeoutSeconds: 0 }],
  ['half seconds', undefined, { idleTimeoutSeconds: 60, touchSeconds: 0.5 }],
  ['a name that is no part of a key', undefined, { idleTimeoutSeconds: 60, name: 'a b' }],
])('%s is refused at construction', (_, records, options) => {
  const build = () => new TallystickStore((records ?? memoryStorage().records) as never, options as never)
  expect(build).toThrow(/^TallystickStore: /)
})

test('it is a store of express-session’s', async () => {
  const { store } = await createWorld()
  expect(store).toBeInstanceOf(session.Store)
  for (const method of ['get', 'set', 'touch', 'destroy', 'all', 'length', 'clear', 'load', 'regenerate'] as const) {
    expect(store[method]).toBeInstanceOf(Function)
  }
})
