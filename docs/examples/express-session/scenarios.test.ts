// What express-session does with a store, scenario by scenario, over every storage and a real socket.
import type { Request, Response } from 'express'
import type { SessionData } from 'express-session'
import { describe, expect, test } from 'vitest'
import type { Browser } from '../test/browser.ts'
import { called, createGate, createWorld, IDLE_SECONDS, idIn, MINUTE, serving, storages } from './world.ts'

describe.each(storages)('over %s storage', (_, createStorage) => {
  const world = () => createWorld(createStorage, { touchSeconds: 0 })

  test('a new session is stored, its cookie set, and the next request finds it', async () => {
    const { store } = await world()
    const count = (request: { session: { count?: number } }, response: { end(text: string): void }) => {
      request.session.count = (request.session.count ?? 0) + 1
      response.end(`visit ${request.session.count}`)
    }
    await serving({ store }, count, async ({ openBrowser }) => {
      const [ada, bob] = [openBrowser(), openBrowser()]
      expect((await ada.get('/')).text).toBe('visit 1')
      expect(ada.cookie()).toMatch(/^connect\.sid=s%3A/)
      expect((await ada.get('/')).text).toBe('visit 2')
      expect((await bob.get('/')).text).toBe('visit 1')
      const all = await called<Array<{ count: number }>>((done) => store.all(done as never))
      expect(new Set(all.map((one) => one.count))).toEqual(new Set([1, 2]))
      expect(await called((done) => store.length(done))).toBe(2)
    })
  })

  test('SE-1 the store holds no id, and knowing what it holds opens nothing', async () => {
    const { store, storage } = await world()
    await serving(
      { store },
      (request, response) => response.end((request.session.user ??= 'ada')),
      async (app) => {
        const browser = app.openBrowser()
        await browser.get('/')
        const id = idIn(browser)
        expect(id.length).toBeGreaterThanOrEqual(24)
        const { records } = await storage.records.list({ subject: 'express-session' })
        expect(records.length).toBe(1)
        for (const { key, text } of records) {
          expect(`${key}${text}`).not.toContain(id)
          expect(await called((done) => store.get(key, done))).toBe(null)
          expect(await called((done) => store.get(key.slice('express-session:'.length), done))).toBe(null)
        }
      },
    )
  })

  test('`load` gives a session with its members, its cookie and its methods', async () => {
    const { store } = await world()
    await serving(
      { store },
      (request, response) => response.end((request.session.user ??= 'ada')),
      async (app) => {
        const browser = app.openBrowser()
        await browser.get('/')
        const loaded = await called<SessionData>((done) => store.load(idIn(browser), done))
        expect(loaded).toMatchObject({ user: 'ada', cookie: { originalMaxAge: MINUTE } })
        expect(loaded.cookie.expires).toBeInstanceOf(Date)
        expect(await called((done) => store.load('nobody', done))).toBe(undefined)
      },
    )
  })

  test('members of the names of methods stay in the store and harm nobody', async () => {
    const { store } = await world()
    const routes = (request: Request, response: Response) => {
      request.session.user ??= 'ada'
      response.end(Object.keys(request.session).toSorted().join())
    }
    await serving({ store, resave: true }, routes, async (app) => {
      const browser = app.openBrowser()
      expect((await browser.get('/')).text).toBe('cookie,user')
      const id = idIn(browser)
      const data = await called<object>((done) => store.get(id, done as never))
      await called((done) => store.set(id, Object.assign(data, { save: 'no function' }) as never, done))
      expect((await browser.get('/')).text).toBe('cookie,user')
      expect(await called((done) => store.get(id, done))).toMatchObject({ save: 'no function', user: 'ada' })
    })
  })

  test.each<[string, (response: Response) => void]>([
    ['a body', (response) => response.end('done')],
    ['no body', (response) => response.setHeader('content-length', '0').end()],
    ['several pieces', (response) => response.setHeader('content-length', '4').write('do') && response.end('ne')],
    ['a body of known length', (response) => response.setHeader('content-length', '4').end('done')],
  ])('an answer with %s is complete only when the session is stored', async (__, end) => {
    const own = await world()
    const [reached, released] = [createGate(), createGate()]
    own.hooks = {
      before({ method }) {
        if (method !== 'compareAndSet') return
        reached.open()
        return released.passed
      },
    }
    const handler = (request: Request, response: Response) => {
      request.session.user = 'ada'
      end(response)
    }
    await serving({ store: own.store }, handler, async (app) => {
      const browser = app.openBrowser()
      let isComplete = false
      const answer = browser.get('/').then(() => (isComplete = true))
      await reached.passed
      await new Promise((resolve) => setImmediate(resolve))
      expect(isComplete).toBe(false)
      expect(await called((done) => own.store.length(done))).toBe(0)
      released.open()
      await answer
      expect(await called((done) => own.store.get(idIn(browser), done))).toMatchObject({ user: 'ada' })
    })
  })

  test('an id that the store does not know gets a new session with a new id', async () => {
    const { store } = await world()
    await serving(
      { store },
      (request, response) => response.end((request.session.user ??= 'ada')),
      async (app) => {
        const browser = app.openBrowser()
        await browser.get('/')
        const first = idIn(browser)
        await called((done) => store.clear(done))
        await browser.get('/')
        expect(idIn(browser)).not.toBe(first)
        expect(await called((done) => store.get(first, done))).toBe(null)
        expect(await called((done) => store.length(done))).toBe(1)
      },
    )
  })

  test('a cookie with a wrong signature never reaches the store', async () => {
    const { store, calls } = await world()
    await serving(
      { store },
      (request, response) => response.end(request.session.user ?? 'nobody'),
      async (app) => {
        const answer = await app.openBrowser().get('/', { cookie: 'connect.sid=s%3Aabc.forged' })
        expect(answer.text).toBe('nobody')
        expect((await app.openBrowser().get('/', { cookie: 'connect.sid=abc' })).text).toBe('nobody')
        expect(calls).toEqual([])
      },
    )
  })

  test.each([
    ['its cookie’s maxAge', 5_000, 5],
    ['the idle end, where the cookie lives longer', 30 * 24 * 60 * MINUTE, IDLE_SECONDS],
    ['the idle end, where the cookie lives as long as the browser', undefined, IDLE_SECONDS],
  ])('F86 a session ends by %s, on the server', async (__, maxAge, seconds) => {
    const { store, clock } = await world()
    const handler = (request: Request, response: Response) => response.end(String((request.session.count ??= 7)))
    await serving({ store, cookie: maxAge === undefined ? {} : { maxAge } }, handler, async (app) => {
      const browser = app.openBrowser()
      await browser.get('/')
      const first = idIn(browser)
      const held = browser.cookie()
      clock.advance(seconds - 1)
      // Use makes it last.
      expect((await browser.get('/', { cookie: held })).headers.getSetCookie()).toEqual([])
      clock.advance(seconds - 1)
      expect(await called((done) => store.get(first, done))).toMatchObject({ count: 7 })
      clock.advance(1)
      expect(await called((done) => store.get(first, done))).toBe(null)
      expect(await called((done) => store.length(done))).toBe(0)
      await browser.get('/', { cookie: held })
      await browser.get('/')
      expect(idIn(browser)).not.toBe(first)
    })
  })

  test('`saveUninitialized` stores what nobody touched, and without it nothing is asked of the storage', async () => {
    for (const saveUninitialized of [true, false]) {
      const { store, calls } = await world()
      await serving(
        { store, saveUninitialized },
        (__, response) => response.end('ok'),
        async (app) => {
          const browser = app.openBrowser()
          await browser.get('/')
          expect([saveUninitialized, browser.cookie() !== '', calls.length > 0]).toEqual([
            saveUninitialized,
            saveUninitialized,
            saveUninitialized,
          ])
          expect(await called((done) => store.length(done))).toBe(saveUninitialized ? 1 : 0)
        },
      )
    }
  })

  test.each([true, false])(
    '`resave: %s`: what nobody changed counts as used, what somebody changed is stored',
    async (resave) => {
      const { store, clock } = await world()
      const routes = {
        '/set': (request: Request, response: Response) => response.end((request.session.user = 'ada')),
        '/see': (request: Request, response: Response) => response.end(String(request.session.user)),
        '/change': (request: Request, response: Response) => response.end((request.session.user = 'bob')),
      }
      await serving({ store, resave }, routes, async (app) => {
        const browser = app.openBrowser()
        await browser.get('/set')
        clock.advance(40)
        expect((await browser.get('/see')).text).toBe('ada')
        clock.advance(40)
        expect((await browser.get('/see')).text).toBe('ada')
        await browser.get('/change')
        expect((await browser.get('/see')).text).toBe('bob')
      })
    },
  )

  test.each([true, false])('`rolling: %s`: the cookie is sent again, or only with a change', async (rolling) => {
    const { store } = await world()
    await serving(
      { store, rolling },
      (request, response) => response.end((request.session.user ??= 'ada')),
      async (app) => {
        const browser = app.openBrowser()
        expect((await browser.get('/')).headers.getSetCookie().length).toBe(1)
        expect((await browser.get('/')).headers.getSetCookie().length).toBe(rolling ? 1 : 0)
      },
    )
  })

  test.each(['keep', 'destroy'] as const)('`unset: %s`: what becomes of `req.session = null`', async (unset) => {
    const { store } = await world()
    const handler = (request: Request, response: Response) => {
      request.session.count = (request.session.count ?? 0) + 1
      if (request.session.count === 2 || request.url === '/at-once') request.session = null as never
      response.end('ok')
    }
    await serving({ store, unset }, handler, async (app) => {
      const browser = app.openBrowser()
      expect((await app.openBrowser().get('/at-once')).headers.getSetCookie()).toEqual([])
      expect(await called((done) => store.length(done))).toBe(0)
      await browser.get('/')
      expect(await called((done) => store.length(done))).toBe(1)
      await browser.get('/')
      expect(await called((done) => store.length(done))).toBe(unset === 'keep' ? 1 : 0)
    })
  })

  test('SE-8 `destroy` ends the session; its cookie finds nothing from then on', async () => {
    const { store } = await world()
    const routes = {
      '/': (request: Request, response: Response) => response.end((request.session.user ??= 'ada')),
      '/me': (request: Request, response: Response) => response.end(String(request.session.user)),
      '/sign-out': (request: Request, response: Response) =>
        request.session.destroy((error) => response.end(String(error ?? request.session))),
    }
    await serving({ store }, routes, async (app) => {
      const browser = app.openBrowser()
      await browser.get('/')
      const answer = await browser.post('/sign-out')
      expect([answer.text, answer.headers.getSetCookie()]).toEqual(['undefined', []])
      expect((await browser.get('/me')).text).toBe('undefined')
      expect((await app.openBrowser().post('/sign-out')).text).toBe('undefined')
    })
  })

  test('SE-2 F92 `regenerate` gives another id and ends the session of the old one', async () => {
    const { store } = await world()
    const routes = {
      '/': (request: Request, response: Response) => response.end((request.session.theme ??= 'dark')),
      '/sign-in': (request: Request, response: Response) =>
        request.session.regenerate((error) => {
          request.session.user = 'ada'
          response.end(String(error ?? request.session.theme))
        }),
    }
    await serving({ store }, routes, async (app) => {
      const browser = app.openBrowser()
      await browser.get('/')
      const planted = idIn(browser)
      expect((await browser.post('/sign-in')).text).toBe('undefined')
      expect(idIn(browser)).not.toBe(planted)
      expect(await called((done) => store.get(planted, done))).toBe(null)
      expect(await called((done) => store.get(idIn(browser), done))).toMatchObject({ user: 'ada' })
    })
  })

  test('`reload` brings what another request stored, and fails where the session is gone', async () => {
    const { store } = await world()
    let browser: Browser
    const reload = (request: Request, response: Response) =>
      request.session.reload((error) => response.end(error?.message ?? request.session.user))
    const routes = {
      '/': (request: Request, response: Response) => response.end((request.session.user = 'ada')),
      '/other': (request: Request, response: Response) => response.end((request.session.user = 'bob')),
      '/reload': async (request: Request, response: Response) => {
        await browser.get('/other')
        reload(request, response)
      },
      '/reload-nothing': async (request: Request, response: Response) => {
        await called((done) => store.clear(done))
        reload(request, response)
      },
    }
    await serving({ store }, routes, async (app) => {
      browser = app.openBrowser()
      await browser.get('/')
      expect((await browser.get('/reload')).text).toBe('bob')
      expect((await browser.get('/reload-nothing')).text).toMatch(/failed to load/)
      expect(await called((done) => store.length(done))).toBe(0)
    })
  })

  test('`save` stores at once, and the end of the request does not store again', async () => {
    const { store, calls } = await world()
    const handler = async (request: Request, response: Response) => {
      request.session.count = (request.session.count ?? 0) + 1
      await called((done) => request.session.save(done))
      calls.push('saved')
      const data = await called<{ count: number }>((done) => store.get(request.sessionID, done as never))
      response.end(String(data.count))
    }
    await serving({ store }, handler, async (app) => {
      const browser = app.openBrowser()
      expect((await browser.get('/')).text).toBe('1')
      expect(calls.filter((call) => call !== 'read')).toEqual(['compareAndSet', 'saved'])
      calls.length = 0
      expect((await browser.get('/')).text).toBe('2')
      expect(calls.filter((call) => call !== 'read')).toEqual(['compareAndSet', 'saved', 'compareAndSet'])
    })
  })

  test('a save, a change and another save in one request keep what others changed meanwhile', async () => {
    const { store } = await world()
    let browser: Browser
    const routes = {
      '/': (request: Request, response: Response) => response.end((request.session.user = 'ada')),
      '/theme': (request: Request, response: Response) => response.end((request.session.theme = 'dark')),
      '/twice': async (request: Request, response: Response) => {
        await browser.get('/theme')
        request.session.count = 1
        await called((done) => request.session.save(done))
        request.session.count = 2
        response.end('ok')
      },
    }
    await serving({ store }, routes, async (app) => {
      browser = app.openBrowser()
      await browser.get('/')
      await browser.get('/twice')
      const data = await called((done) => store.get(idIn(browser), done))
      expect(data).toMatchObject({ user: 'ada', theme: 'dark', count: 2 })
    })
  })

  test('a cookie that the application changes is kept with the session, also by a request that changes nothing else', async () => {
    const { store, clock } = await world()
    const routes = {
      '/': (request: Request, response: Response) => response.end((request.session.user = 'ada')),
      '/longer': (request: Request, response: Response) =>
        response.end(String((request.session.cookie.maxAge = 10 * MINUTE))),
      '/shorter': (request: Request, response: Response) =>
        response.end(String((request.session.cookie.maxAge = 5000))),
      '/browser': (request: Request, response: Response) =>
        response.end(String((request.session.cookie.expires = null))),
      '/over': (request: Request, response: Response) =>
        response.end(String((request.session.cookie.expires = new Date(0)))),
    }
    await serving({ store }, routes, async (app) => {
      const browser = app.openBrowser()
      const alive = async () => (await called((done) => store.get(idIn(browser), done))) !== null
      await browser.get('/')
      await browser.get('/longer')
      clock.advance(599)
      expect(await alive()).toBe(true)
      await browser.get('/shorter')
      clock.advance(4)
      expect(await alive()).toBe(true)
      await browser.get('/browser')
      clock.advance(IDLE_SECONDS - 1)
      expect(await alive()).toBe(true)
      await browser.get('/over')
      expect(await alive()).toBe(false)
    })
  })
})
