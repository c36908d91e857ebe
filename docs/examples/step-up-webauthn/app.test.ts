// The WebAuthn example in a real Chromium: registration, step-up, and what an answer is refused for.
import { numericDate, type NumericDate } from '@tallystick/core'
import { toNodeHandler } from '@tallystick/http/node'
import { generateKey } from '@tallystick/jwt'
import { createTokenServer } from '@tallystick/server'
import { parseChallenge } from '@tallystick/session/challenge'
import { memoryStorage } from '@tallystick/storage-memory'
import type { WebAuthnCredential } from '@simplewebauthn/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPayments } from '../step-up-totp/payments.ts'
import { createApp, requirement } from './app.ts'
import { chromiumPath, plugIn, startChromium, startSite } from './chromium.ts'
import type * as pageScript from './page.ts'

const START = 1_800_000_000
const NO_CHROMIUM = 'no Chromium: set CHROMIUM to its path'
const key = await generateKey('ES256')

if (chromiumPath === undefined && process.env['CI'] !== undefined) {
  test('Chromium must be there in CI', () => {
    expect(chromiumPath, NO_CHROMIUM).toBeDefined()
  })
} else if (chromiumPath === undefined) console.warn(`SKIPPED, ${NO_CHROMIUM}: the WebAuthn example.`)

const title = `in Chromium${chromiumPath === undefined ? ` (${NO_CHROMIUM})` : ''}`
describe.skipIf(chromiumPath === undefined)(title, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await startChromium()
  })

  afterAll(() => browser.close())

  test('SU-1 without a passkey the address is refused with the challenge, and a step-up is unmet', () =>
    inWorld(browser, async ({ world, open }) => {
      const { page } = await open('ada')
      const refused = await run(page, 'post', '/e-mail', { address: 'new@example.com' })
      expect(refused).toMatchObject({ status: 401, json: { error: 'insufficient_user_authentication' } })
      expect(parseChallenge(refused.challenge)).toMatchObject({ acrValues: ['phr'], maxAgeSeconds: 300 })
      const stepped = await run(page, 'withStepUp', '/e-mail', { address: 'new@example.com' })
      expect(stepped).toMatchObject({ status: 403, json: { error: 'unmet_authentication_requirements' } })
      expect(world.emails).toEqual(new Map())
    }))

  test('SU-4 SU-2 a passkey that the user unlocks opens the page and the API, with the methods of RFC 8176', () =>
    inWorld(browser, async ({ world, open }) => {
      const { page, credential } = await open('ada')
      await plugIn(page)
      expect(await run(page, 'addPasskey')).toMatchObject({ status: 204 })
      const before = await credential()
      world.now += 60
      expect(await run(page, 'post', '/api/payments')).toMatchObject({ status: 401 })
      expect(await run(page, 'withStepUp', '/api/payments')).toMatchObject({
        status: 200,
        json: { paidBy: 'ada', acr: 'phr', amr: ['hwk', 'user', 'mfa'], authTime: START + 60 },
      })
      expect(await run(page, 'post', '/e-mail', { address: 'new@example.com' })).toMatchObject({ status: 204 })
      expect(world.emails.get('ada')).toBe('new@example.com')
      expect(await credential()).not.toBe(before)
      // The counter of the key went on, and is kept.
      expect(world.passkeys.get('ada')?.[0]?.counter).toBeGreaterThan(1)
    }))

  test('SU-4 a passkey that is synchronized is no hardware key', () =>
    inWorld(browser, async ({ open }) => {
      const { page } = await open('ada')
      await plugIn(page, { isSynchronized: true })
      await run(page, 'addPasskey')
      expect(await run(page, 'withStepUp', '/api/payments')).toMatchObject({ json: { amr: ['swk', 'user', 'mfa'] } })
    }))

  test('AT-7 SU-5 when the step-up ends all is as before: refused, and tokens carry the sign-in and its time', () =>
    inWorld(browser, async ({ world, open, claimsOf }) => {
      const { page, credential } = await open('ada')
      await plugIn(page)
      await run(page, 'addPasskey')
      world.now += 60
      await run(page, 'withStepUp', '/e-mail', { address: 'new@example.com' })
      expect(await claimsOf(await credential())).toMatchObject({ acr: 'phr', auth_time: START + 60 })
      world.now += 300
      expect(await run(page, 'post', '/e-mail', { address: 'late@example.com' })).toMatchObject({ status: 401 })
      expect(await run(page, 'post', '/api/payments')).toMatchObject({ status: 401 })
      expect(await claimsOf(await credential())).toMatchObject({ acr: 'aal1', amr: ['pwd'], auth_time: START })
      expect(world.emails.get('ada')).toBe('new@example.com')
      expect(await run(page, 'withStepUp', '/api/payments')).toMatchObject({ status: 200 })
    }))

  test('SU-5 a first passkey needs a password typed just now, and a second one needs the first', () =>
    inWorld(browser, async ({ world, open }) => {
      const { page } = await open('ada')
      await plugIn(page)
      world.now += 400
      expect(await run(page, 'addPasskey')).toMatchObject({ status: 401 })
      await run(page, 'post', '/sign-in', { name: 'ada', password: 'secret' })
      expect(await run(page, 'addPasskey')).toMatchObject({ status: 204 })
      // A thief of the password, at another device.
      const thief = await open('ada')
      await plugIn(thief.page)
      expect(await run(thief.page, 'addPasskey')).toMatchObject({ status: 401 })
      expect(world.passkeys.get('ada')).toHaveLength(1)
    }))

  test('an answer serves once, soon, and in the session that asked: never again, late, or elsewhere', () =>
    inWorld(browser, async ({ world, open }) => {
      const { page } = await open('ada')
      await plugIn(page)
      await run(page, 'addPasskey')
      const other = await open('ada')
      const asked = await begin(page)
      const used = await unlock(page, asked)
      // The other session has a challenge of its own, and no other's answer fits.
      await begin(other.page)
      expect(await run(other.page, 'post', '/step-up', used)).toMatchObject(REFUSED)
      expect(await run(page, 'post', '/step-up', used)).toMatchObject({ status: 200 })
      expect(await run(page, 'post', '/step-up', used)).toMatchObject(REFUSED)
      expect(await run(other.page, 'post', '/e-mail')).toMatchObject({ status: 401 })
      // A challenge for a new passkey is none for a step-up.
      const { challenge } = (await run(page, 'post', '/passkeys/begin')).json as Asked
      const mixed = await unlock(page, { ...asked, challenge })
      expect(await run(page, 'post', '/step-up', mixed)).toMatchObject(REFUSED)
      const late = await unlock(page, await begin(other.page))
      world.now += 120
      expect(await run(other.page, 'post', '/step-up', late)).toMatchObject(REFUSED)
      // A wrong answer takes the challenge with it.
      const last = await unlock(page, await begin(other.page))
      expect(await run(other.page, 'post', '/step-up', { ...last, id: 'x' })).toMatchObject(REFUSED)
      expect(await run(other.page, 'post', '/step-up', last)).toMatchObject(REFUSED)
    }))

  test('an answer is refused from another origin, without the user’s unlocking, and with somebody else’s passkey', () =>
    inWorld(browser, async ({ open, origin, evil }) => {
      const { page } = await open('ada')
      const authenticator = await plugIn(page)
      await run(page, 'addPasskey')
      // A page on another port has the same host, so that the browser lets it use the passkey.
      const asked = await begin(page)
      await page.goto(evil)
      const phished = await unlock(page, asked)
      await page.goto(origin)
      expect(await run(page, 'post', '/step-up', phished)).toMatchObject(REFUSED)

      await authenticator.setVerified(false)
      const unlocked = await unlock(page, { ...(await begin(page)), userVerification: 'discouraged' })
      expect(await run(page, 'post', '/step-up', unlocked)).toMatchObject(REFUSED)
      await authenticator.setVerified(true)

      const bob = await open('bob')
      await plugIn(bob.page)
      await run(bob.page, 'addPasskey')
      const { challenge } = await begin(bob.page)
      const adas = await unlock(page, { ...(await begin(page)), challenge })
      expect(await run(bob.page, 'post', '/step-up', adas)).toMatchObject(REFUSED)
      for (const one of [page, bob.page]) {
        expect(await run(one, 'post', '/e-mail')).toMatchObject({ status: 401 })
        expect(await run(one, 'withStepUp', '/api/payments')).toMatchObject({ status: 200 })
      }
    }))

  test('SU-3 no second step-up follows one that was of no use', () =>
    inWorld(
      browser,
      async ({ open }) => {
        const { page } = await open('ada')
        await plugIn(page)
        await run(page, 'addPasskey')
        const first = await run(page, 'withStepUp', '/api/payments')
        expect(first).toMatchObject({ status: 401, json: { error: 'insufficient_user_authentication' } })
        const second = await run(page, 'withStepUp', '/api/payments')
        expect(second).toMatchObject({ status: 403, json: { error: 'unmet_authentication_requirements' } })
      },
      { methods: ['fpt'], authenticationAgeSecondsMax: 300 },
    ))

  test('CS-2 a page of another origin reaches nothing with the cookie that the browser sends along', () =>
    inWorld(browser, async ({ world, open, evil, origin }) => {
      const { page } = await open('ada')
      await page.goto(evil)
      const sent = page.waitForResponse((response) => response.url() === `${origin}/passkeys/begin`)
      await page.evaluate(
        (url) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => undefined),
        `${origin}/passkeys/begin`,
      )
      expect((await sent).status()).toBe(403)
      expect(world.passkeys).toEqual(new Map())
    }))
})

interface Told {
  readonly status: number
  readonly challenge: string
  readonly json: unknown
}

type PageScript = typeof pageScript
type Asked = PublicKeyCredentialRequestOptionsJSON

/** Calls a function of the page's script, in the page. */
function run(page: Page, name: 'post' | 'withStepUp' | 'addPasskey', ...words: readonly unknown[]): Promise<Told> {
  return page.evaluate(
    async ([called, given]) => {
      const script = (globalThis as unknown as { page: PageScript }).page
      const response = await (script[called] as (...all: unknown[]) => Promise<Response>)(...given)
      const text = await response.text()
      const challenge = response.headers.get('www-authenticate') ?? ''
      return { status: response.status, challenge, json: text === '' ? undefined : (JSON.parse(text) as unknown) }
    },
    [name, words] as const,
  )
}

async function begin(page: Page): Promise<Asked> {
  const { challenge } = await run(page, 'post', '/e-mail')
  return (await run(page, 'post', '/step-up/begin', { challenge })).json as Asked
}

/** Has the user of a page unlock his passkey for options. */
async function unlock(page: Page, asked: Asked): Promise<object> {
  const used = await page.evaluate(
    (options) => (globalThis as unknown as { page: PageScript }).page.usePasskey(options),
    asked,
  )
  return used as object
}

type World = Awaited<ReturnType<typeof createWorld>>

async function inWorld(browser: Browser, use: (world: World) => Promise<void>, paymentsRequire = requirement) {
  const world = await createWorld(browser, paymentsRequire)
  try {
    await use(world)
  } finally {
    await world.close()
  }
}

async function createWorld(browser: Browser, paymentsRequire: typeof requirement) {
  const world = {
    now: START,
    emails: new Map<string, string>(),
    passkeys: new Map<string, readonly WebAuthnCredential[]>(),
  }
  const clock = { now: (): NumericDate => numericDate(world.now) }
  const tokens = createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [key],
    refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
    storage: memoryStorage({ clock }),
    sessionPolicy: { elevationSeconds: 300 },
    clock,
  })
  const payments = createPayments({ tokens, requirement: paymentsRequire, clock })
  const site = await startSite((origin) => {
    const app = createApp({
      tokens,
      passkeyTable: {
        listOf: async (subject) => world.passkeys.get(subject) ?? [],
        async save(subject, passkey) {
          const others = (world.passkeys.get(subject) ?? []).filter(({ id }) => id !== passkey.id)
          world.passkeys.set(subject, [...others, passkey])
        },
      },
      relyingParty: { id: 'localhost', name: 'Example', origin },
      checkPassword: async (name, password) => (password === 'secret' ? name : undefined),
      setEmail: async (subject, address) => void world.emails.set(subject, address),
      paymentsUrl: 'https://payments.internal/pay',
      fetch: (url, init) => payments(new Request(url, init)),
      clock,
      development: 'http-localhost',
    })
    return toNodeHandler(app, { origin })
  })
  const other = await startSite(() => (_, response) => response.writeHead(404).end())
  const [origin, evil] = [`http://localhost:${site.port}`, `http://localhost:${other.port}`]
  const contexts: Array<Awaited<ReturnType<Browser['newContext']>>> = []

  /** A browser of its own, in which a user signs in. */
  async function open(name: string) {
    const context = await browser.newContext()
    contexts.push(context)
    const page = await context.newPage()
    await page.goto(origin)
    await run(page, 'post', '/sign-in', { name, password: 'secret' })
    const credential = async () => (await context.cookies()).find((cookie) => cookie.name === 'sid')?.value ?? ''
    return { page, credential }
  }
  async function claimsOf(credential: string) {
    const access = await tokens.sessions.issueAccessToken(credential)
    const verified = await tokens.verify(access.ok ? access.accessToken : '')
    if (!verified.ok) throw new Error(verified.reason)
    return verified.claims
  }
  const close = async () => {
    for (const context of contexts) await context.close()
    await Promise.all([site.close(), other.close()])
  }
  return { world, open, origin, evil, claimsOf, close }
}

const REFUSED = { status: 403, json: { error: 'passkey_refused' } }
