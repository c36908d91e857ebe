// The Next-style example: components read and never renew, actions and route handlers set the cookie.
import { numericDate } from '@tallystick/core'
import { generateKey } from '@tallystick/jwt'
import { createTokenServer } from '@tallystick/server'
import { countOperations, pauseAt } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { expect, expectTypeOf, test } from 'vitest'
import { createApp } from './app.ts'
import { setCookies } from './cookies.ts'
import { cookies, serve, serveRoute } from './framework.ts'

const APP = 'https://app.example.com'
const NAME = '__Host-Http-sid'
const key = await generateKey('ES256')
const secret = crypto.getRandomValues(new Uint8Array(32))

test('CK-2 an action signs in through the cookie API of the framework, and the page it renders knows the user', async () => {
  const { app, post } = createWorld()
  const served = await serve(post(), app.Page, () => app.signIn(ada()))
  expect(served.html).toBe('<p>Hello user_42</p>')
  expect(served.setCookies.map((line) => line.replace(/=tsn_[\w-]{65};/, '=…;'))).toEqual([
    `${NAME}=…; Path=/; Secure; HttpOnly; SameSite=strict`,
  ])
  const page = await serve(get(cookieOf(served.setCookies)), app.Page)
  expect(page).toEqual({ html: '<p>Hello user_42</p>', setCookies: [] })
  // Within one action the second step knows of the first.
  const both = await serve(post(), app.Page, async () => [await app.signIn(ada()), await app.signOut()])
  expect(both.html).toBe('<p>Please sign in</p>')
  expect(both.setCookies).toEqual([expect.stringMatching(/^__Host-Http-sid=; Path=\/; Max-Age=0;/)])
})

test('rendering sets no cookie and renews nothing, also where a renewal is due: the page is told to ask for one', async () => {
  const { app, post, world, operations } = createWorld()
  const cookie = await signedIn(app, post)
  world.now += 1000
  const before = operations().length
  const page = await serve(get(cookie), app.Page)
  expect(page).toEqual({
    html: '<p>Hello user_42</p><keep-session action="refresh"></keep-session>',
    setCookies: [],
  })
  // The use is written down; the credential stays the one that the browser has.
  expect(operations().length).toBeGreaterThan(before)
  expect((await serve(get(cookie), app.Page)).html).toBe(page.html)
  const renewed = await serve(post(cookie), app.Page, app.refresh)
  expect(renewed.html).toBe('<p>Hello user_42</p>')
  expect(cookieOf(renewed.setCookies)).toMatch(/=tsn_/)
  expect(cookieOf(renewed.setCookies)).not.toBe(cookie)
})

test('what a component reads with has no cookies to set, and nothing that renews: the type says so', async () => {
  const { app, post } = createWorld()
  const cookie = await signedIn(app, post)
  await serve(get(cookie), async () => {
    const reading = await app.currentUser()
    expect(reading).toMatchObject({ ok: true })
    expect(reading).not.toHaveProperty('cookies')
    expectTypeOf(reading).not.toHaveProperty('cookies')
    expectTypeOf(reading).not.toHaveProperty('toResponse')
    // @ts-expect-error a reading cannot be handed to what sets cookies
    await expect(setCookies(reading)).rejects.toThrow(TypeError)
    // And the framework's own rule, which this keeps to.
    const store = await cookies()
    expect(() => store.set(NAME, 'x')).toThrow(/Server Action or Route Handler/)
    return ''
  })
})

test('ten components rendered around every step of a refresh find the user signed in, and sign nobody out', async () => {
  let steps = 0
  for (let index = 0; ; index += 1) {
    const { app, post, world, storage, createOther } = createWorld()
    const cookie = await signedIn(app, post)
    world.now += 1000
    const slow = pauseAt(storage, index, 'after')
    const other = createOther(slow.storage)
    const refreshing = serve(post(cookie), other.Page, other.refresh)
    const isPaused = await Promise.race([slow.paused.then(() => true), refreshing.then(() => false)])
    const pages = Array.from({ length: 10 }, () => serve(get(cookie), app.Page))
    slow.resume()
    const [renewed, ...rendered] = await Promise.all([refreshing, ...pages])
    for (const page of rendered) {
      expect(page.html).toContain('Hello user_42')
      expect(page.setCookies).toEqual([])
    }
    // Whoever was late, the browser's newest cookie is good, long after the overlap.
    const held = cookieOf(renewed.setCookies)
    expect(held).not.toBe(cookie)
    expect((await serve(get(held), app.Page)).html).toContain('Hello user_42')
    world.now += 400
    expect((await serve(get(held), app.Page)).html).toContain('Hello user_42')
    if (!isPaused) break
    steps += 1
  }
  expect(steps).toBeGreaterThanOrEqual(4)
})

test('SE-8 an action signs out and the page it renders knows nobody; the route handler clears what the browser stores', async () => {
  const { app, post } = createWorld()
  const cookie = await signedIn(app, post)
  const out = await serve(post(cookie), app.Page, app.signOut)
  expect(out.html).toBe('<p>Please sign in</p>')
  expect(out.setCookies[0]).toMatch(/^__Host-Http-sid=; Path=\/; Max-Age=0; Secure; HttpOnly; SameSite=strict$/)
  expect((await serve(get(cookie), app.Page)).html).toBe('<p>Please sign in</p>')

  const again = await signedIn(app, post)
  const response = await serveRoute(post(again), app.POST)
  expect([response.status, response.headers.get('clear-site-data')]).toEqual([204, '"cache", "storage"'])
  expect(response.headers.getSetCookie()).toHaveLength(1)
  expect((await serve(get(again), app.Page)).html).toBe('<p>Please sign in</p>')
})

test('CS-2 an action that another site calls changes nothing', async () => {
  const { app, post } = createWorld()
  const cookie = await signedIn(app, post)
  for (const action of [() => app.signIn(ada()), app.refresh, app.signOut]) {
    const forged = await serve(post(cookie, 'cross-site'), app.Page, action)
    expect(forged).toEqual({ html: '<p>Hello user_42</p>', setCookies: [] })
  }
  expect((await serveRoute(post(cookie, 'cross-site'), app.POST)).status).toBe(403)
  expect((await serve(get(cookie), app.Page)).html).toBe('<p>Hello user_42</p>')
})

test('a wrong password signs nobody in', async () => {
  const { app, post } = createWorld()
  const wrong = ada()
  wrong.set('password', 'guess')
  const served = await serve(post(), app.Page, () => app.signIn(wrong))
  expect(served).toEqual({ html: '<p>Please sign in</p>', setCookies: [] })
})

function createWorld() {
  const world = { now: 1_800_000_000 }
  const clock = { now: () => numericDate(world.now) }
  const { storage, operations } = countOperations(memoryStorage({ clock }))
  const createOther = (over: typeof storage) =>
    createApp({
      tokens: createTokenServer({
        issuer: 'https://auth.example.com',
        audience: 'https://api.example.com',
        clientId: 'web',
        keys: [key],
        refreshTokenSecrets: [{ id: 1, secret }],
        storage: over,
        sessionPolicy: { renewal: { afterSeconds: 900 } },
        clock,
      }),
      handlers: { origin: APP, clock },
      checkPassword: async (name, password) => (name === 'ada' && password === 'secret' ? 'user_42' : undefined),
    })
  const post = (cookie?: string, site = 'same-origin') =>
    new Request(APP, {
      method: 'POST',
      headers: {
        origin: site === 'same-origin' ? APP : 'https://evil.example',
        'sec-fetch-site': site,
        ...(cookie === undefined ? {} : { cookie }),
      },
    })
  return { world, storage, operations, createOther, app: createOther(storage), post }
}

type App = ReturnType<typeof createApp>

async function signedIn(app: App, post: () => Request): Promise<string> {
  return cookieOf((await serve(post(), app.Page, () => app.signIn(ada()))).setCookies)
}

function get(cookie: string): Request {
  return new Request(APP, { headers: { cookie } })
}

function ada(): FormData {
  const form = new FormData()
  form.set('name', 'ada')
  form.set('password', 'secret')
  return form
}

function cookieOf([line = '']: readonly string[]): string {
  return line.slice(0, line.indexOf(';'))
}
