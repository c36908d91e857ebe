// Requests that overtake each other: what express-session's own store loses, and what this one keeps.
import type { Request, Response } from 'express'
import session from 'express-session'
import { describe, expect, test } from 'vitest'
import type { Browser } from '../test/browser.ts'
import { called, createGate, createWorld, serving, storages } from './world.ts'

/** An application with one slow request: it has read the session, and ends when it is told to. */
async function withSlowRequest(
  store: session.Store,
  resave: boolean,
  change: (session: Request['session']) => void,
  use: (browser: Browser, slow: { begin(): Promise<void>; end(): Promise<void> }) => Promise<void>,
): Promise<void> {
  const [arrived, released] = [createGate(), createGate()]
  const routes = {
    '/sign-in': (request: Request, response: Response) =>
      request.session.regenerate(() => {
        request.session.user = 'ada'
        request.session.cart = ['apple']
        response.end('ok')
      }),
    '/me': (request: Request, response: Response) => response.end(JSON.stringify(request.session)),
    '/theme': (request: Request, response: Response) => response.end((request.session.theme = 'dark')),
    '/empty-cart': (request: Request, response: Response) => response.end(String(delete request.session.cart)),
    '/sign-out': (request: Request, response: Response) => request.session.destroy(() => response.end('bye')),
    '/slow': async (request: Request, response: Response) => {
      arrived.open()
      await released.passed
      change(request.session)
      response.end('done')
    },
  }
  await serving({ store, resave }, routes, async (app) => {
    const browser = app.openBrowser()
    await browser.post('/sign-in')
    let answer: Promise<unknown>
    await use(browser, {
      async begin() {
        answer = browser.get('/slow')
        await arrived.passed
      },
      async end() {
        released.open()
        await answer
      },
    })
    expect(await app.errors()).toEqual([])
  })
}

const buy = (data: Request['session']): void => void (data.cart = [...(data.cart ?? []), 'pear'])
const nothing = (): void => undefined
const seen = async (browser: Browser): Promise<Record<string, unknown>> => {
  const { cookie: _, ...members } = JSON.parse((await browser.get('/me')).text) as Record<string, unknown>
  return members
}

describe('express-session’s own store, so that it is known what is to be better', () => {
  test('a slow request that finishes after the sign-out brings the session back', () =>
    withSlowRequest(new session.MemoryStore(), false, buy, async (browser, slow) => {
      await slow.begin()
      await browser.post('/sign-out')
      expect(await seen(browser)).toEqual({})
      await slow.end()
      expect(await seen(browser)).toEqual({ user: 'ada', cart: ['apple', 'pear'] })
    }))

  test('a slow request takes back what another one changed', () =>
    withSlowRequest(new session.MemoryStore(), false, buy, async (browser, slow) => {
      await slow.begin()
      await browser.post('/theme')
      await slow.end()
      expect(await seen(browser)).toEqual({ user: 'ada', cart: ['apple', 'pear'] })
    }))
})

const heldRoutes = {
  '/': (request: Request, response: Response) => response.end((request.session.user = 'ada')),
  '/slow': (request: Request, response: Response) => {
    request.session.count = 1
    request.session.save(() => {
      request.session.count = 2
      response.end('done')
    })
  },
  '/sign-out': (request: Request, response: Response) => request.session.destroy(() => response.end('bye')),
  '/me': (request: Request, response: Response) => response.end(String(request.session.user)),
}

describe.each(storages)('over %s storage', (_, createStorage) => {
  test.each([
    ['saves a change', false, buy],
    ['saves nothing new (`resave`)', true, nothing],
    ['only touches', false, nothing],
  ])('F85 a slow request that %s after the sign-out brings nothing back', async (__, resave, change) => {
    const { store } = await createWorld(createStorage, { touchSeconds: 0 })
    await withSlowRequest(store, resave, change, async (browser, slow) => {
      await slow.begin()
      await browser.post('/sign-out')
      await slow.end()
      expect(await seen(browser)).toEqual({})
      expect(await called((done) => store.length(done))).toBe(0)
    })
  })

  test.each(['before', 'after'] as const)(
    'F85 wherever a request is held, %s a call of the storage, a sign-out in between holds',
    async (when) => {
      /** Whether there was such a call. */
      const holdAt = async (index: number): Promise<boolean> => {
        const world = await createWorld(createStorage, { touchSeconds: 0 })
        const [reached, released] = [createGate(), createGate()]
        let isHeld = false
        await serving({ store: world.store }, heldRoutes, async (app) => {
          const browser = app.openBrowser()
          await browser.get('/')
          const cookie = browser.cookie()
          let calls = 0
          world.hooks = {
            [when]() {
              if (calls++ !== index) return
              reached.open()
              return released.passed
            },
          }
          const slow = browser.get('/slow', { cookie })
          isHeld = await Promise.race([reached.passed.then(() => true), slow.then(() => false)])
          world.hooks = {}
          await browser.post('/sign-out', { cookie })
          released.open()
          await slow
          expect([index, (await browser.get('/me', { cookie })).text]).toEqual([index, 'undefined'])
        })
        return isHeld
      }
      let index = 0
      while (await holdAt(index)) index += 1
      // One read, the save that the handler asks for, and the one at the end.
      expect(index).toBe(3)
    },
  )

  test.each([
    ['another member', '/theme', { user: 'ada', cart: ['apple', 'pear'], theme: 'dark' }],
    ['the same member: the last writer counts', '/empty-cart', { user: 'ada', cart: ['apple', 'pear'] }],
  ])('what two requests change at once is kept: %s', async (__, path, expected) => {
    const { store } = await createWorld(createStorage)
    await withSlowRequest(store, false, buy, async (browser, slow) => {
      await slow.begin()
      await browser.post(path)
      await slow.end()
      expect(await seen(browser)).toEqual(expected)
    })
  })

  test.each([true, false])(
    'a late use (`resave: %s`) is not written over what another request changed',
    async (resave) => {
      const { store, clock } = await createWorld(createStorage)
      await withSlowRequest(store, resave, nothing, async (browser, slow) => {
        await slow.begin()
        await browser.post('/theme')
        await browser.post('/empty-cart')
        clock.advance(30)
        await slow.end()
        expect(await seen(browser)).toEqual({ user: 'ada', theme: 'dark' })
      })
    },
  )

  test('a member that one request removes stays removed, whatever else another saves', async () => {
    const { store } = await createWorld(createStorage)
    const light = (data: Request['session']): void => void (data.theme = 'light')
    await withSlowRequest(store, false, light, async (browser, slow) => {
      await slow.begin()
      await browser.post('/empty-cart')
      await slow.end()
      expect(await seen(browser)).toEqual({ user: 'ada', theme: 'light' })
    })
  })

  test('twenty requests at once, each with a member of its own: all twenty are there', async () => {
    const { store } = await createWorld(createStorage)
    const arrived = createGate()
    let waiting = 0
    const handler = async (request: Request, response: Response) => {
      const name = request.url?.slice(1) ?? ''
      if (name !== '') {
        waiting += 1
        if (waiting === 20) arrived.open()
        await arrived.passed
      }
      Object.assign(request.session, { [`member-${name}`]: 1 })
      response.end('ok')
    }
    await serving({ store }, handler, async (app) => {
      const browser = app.openBrowser()
      await browser.get('/')
      await Promise.all(Array.from({ length: 20 }, (__, at) => browser.get(`/${at}`)))
      const all = await called<object[]>((done) => store.all(done as never))
      expect(Object.keys(all[0] ?? {}).length).toBe(22)
      expect(await app.errors()).toEqual([])
    })
  })
})
