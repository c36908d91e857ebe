// The TOTP example: what is refused without a code, what a code gives, for how long, and that nobody is asked in a loop.
import { numericDate, type NumericDate } from '@tallystick/core'
import { generateKey } from '@tallystick/jwt'
import { createTokenServer } from '@tallystick/server'
import type { AuthenticationRequirement } from '@tallystick/session/assurance'
import { parseChallenge } from '@tallystick/session/challenge'
import { memoryStorage } from '@tallystick/storage-memory'
import { Secret, TOTP } from 'otpauth'
import { expect, test } from 'vitest'
import { createApp, requirement } from './app.ts'
import { fetchWithStepUp, stepUpWithCode } from './client.ts'
import { createPayments } from './payments.ts'

const APP = 'https://app.example.com'
const START = 1_800_000_000
const key = await generateKey('ES256')

test('SU-1 a session with a password alone is refused with the challenge, and the address stays', async () => {
  const { world, page } = await createWorld()
  const refused = await page.post('/e-mail', { address: 'new@example.com' })
  expect([refused.status, await refused.json()]).toMatchObject([401, { error: 'insufficient_user_authentication' }])
  expect(parseChallenge(refused.headers.get('www-authenticate') ?? '')).toMatchObject({
    scheme: 'Bearer',
    maxAgeSeconds: 300,
  })
  expect(world.emails).toEqual(new Map())
})

test('SU-1 SU-2 the API refuses an access token with a password alone, and the page gets its challenge', async () => {
  const { page } = await createWorld()
  const refused = await page.post('/api/payments')
  expect([refused.status, await refused.json()]).toEqual([401, { error: 'insufficient_user_authentication' }])
  expect(parseChallenge(refused.headers.get('www-authenticate') ?? '')?.maxAgeSeconds).toBe(300)
})

test('SU-4 a code opens both, by a new credential; the page sends what was refused once more by itself', async () => {
  const { world, page } = await createWorld()
  const before = page.cookie()
  world.now += 60
  const changed = await page.withStepUp('/e-mail', { address: 'new@example.com' })
  expect([changed.status, world.emails.get('user_42'), world.asked]).toEqual([204, 'new@example.com', 1])
  expect(page.cookie()).not.toBe(before)
  expect(await (await page.post('/api/payments')).json()).toEqual({
    paidBy: 'user_42',
    acr: 'aal2',
    amr: ['otp'],
    authTime: START + 60,
  })
  // Whoever waited with the credential of before gets nothing of it.
  expect((await page.post('/e-mail', { address: 'thief@example.com' }, before)).status).not.toBe(204)
  expect(world.emails.get('user_42')).toBe('new@example.com')
})

test('AT-7 SU-5 when the step-up ends all is as before: refused, and tokens carry the sign-in and its time', async () => {
  const { world, page, claimsNow } = await createWorld()
  const signedIn = await claimsNow()
  expect(signedIn).toMatchObject({ acr: 'aal1', amr: ['pwd'], auth_time: START })
  world.now += 60
  await page.withStepUp('/api/payments')
  const elevated = await claimsNow()
  expect(elevated).toMatchObject({ acr: 'aal2', amr: ['otp'], auth_time: START + 60 })
  // Its tokens end with it.
  expect(elevated.exp).toBeLessThanOrEqual(START + 60 + 300)
  world.now = START + 60 + 299
  expect((await page.post('/api/payments')).status).toBe(200)
  world.now += 1
  expect((await page.post('/e-mail', { address: 'late@example.com' })).status).toBe(401)
  expect((await page.post('/api/payments')).status).toBe(401)
  expect(world.emails).toEqual(new Map())
  const after = await claimsNow()
  expect(after).toMatchObject({ acr: 'aal1', amr: ['pwd'], auth_time: START })
  expect(after.iat).toBe(world.now)
  // And another step-up is possible then.
  expect((await page.withStepUp('/api/payments')).status).toBe(200)
})

test('use within the step-up makes nothing fresher: five minutes after the code it is over, however busy the page', async () => {
  const { world, page } = await createWorld({ elevationSeconds: 900 })
  await page.withStepUp('/e-mail', { address: 'a@example.com' })
  for (const seconds of [100, 100, 100]) {
    world.now += seconds
    expect((await page.post('/api/payments')).status).toBe(200)
  }
  world.now += 6 // Beyond what clocks may differ.
  expect((await page.post('/e-mail', { address: 'b@example.com' })).status).toBe(401)
  expect((await page.post('/api/payments')).status).toBe(401)
})

test('a wrong code changes nothing', async () => {
  const { world, page, claimsNow } = await createWorld()
  const before = page.cookie()
  for (const code of ['000000', '', undefined, '12345', codeAt(START - 3600)]) {
    const answer = await page.post('/step-up', { code })
    expect([answer.status, await answer.json()]).toEqual([403, { error: 'wrong_code' }])
    expect(answer.headers.getSetCookie()).toEqual([])
  }
  expect(page.cookie()).toBe(before)
  expect(await claimsNow()).toMatchObject({ acr: 'aal1', amr: ['pwd'] })
  // Five wrong ones in a row: now the right one is not looked at either, for a quarter of an hour.
  const locked = await page.post('/step-up', { code: codeAt(world.now) })
  expect(locked.status).toBe(403)
  world.now += 900
  expect((await page.withStepUp('/api/payments')).status).toBe(200)
})

test('RFC 6238 §5.2 a code is taken once: not again, not an earlier one, not in another session of the same user', async () => {
  const { world, page, open } = await createWorld()
  const other = await open()
  const code = codeAt(world.now)
  const answers = await Promise.all(
    [page, other, page, other].map((one) => one.post('/step-up', { code }, one.cookie())),
  )
  expect(answers.map(({ ok }) => ok).toSorted((one, two) => Number(two) - Number(one))).toEqual([
    true,
    false,
    false,
    false,
  ])
  const earlier = await (await open()).post('/step-up', { code: codeAt(world.now - 30) })
  expect(await earlier.json()).toEqual({ error: 'wrong_code' })
  world.now += 30
  const fresh = await (await open()).post('/step-up', { code: codeAt(world.now) })
  expect(fresh.status).toBe(200)
})

test.each([
  ['a method that no code gives', { methods: ['hwk'], authenticationAgeSecondsMax: 300 }, 1],
  ['a class that no code gives', { acr: 'phrh', authenticationAgeSecondsMax: 300 }, 0],
  ['an age that no code can have', { methods: ['otp'], authenticationAgeSecondsMax: 0 }, 0],
] as const)('SU-3 an API that asks for %s: no second step-up follows', async (_, asked, codes) => {
  const { world, page } = await createWorld({ paymentsRequire: asked })
  for (const round of [1, 2, 3]) {
    const answer = await page.withStepUp('/api/payments')
    const { error } = (await answer.json()) as { error: string }
    // After the first code, where there is one at all, the API refuses still, and the user is asked for no other.
    expect(error).toBe(round <= codes ? 'insufficient_user_authentication' : 'unmet_authentication_requirements')
    world.now += 30
  }
  expect(world.asked).toBe(codes)
})

test('SU-3 a user without a second factor is told so, and a step-up that nobody asked for is none', async () => {
  const { world, page } = await createWorld({ hasPhone: false })
  const answer = await page.withStepUp('/e-mail', { address: 'new@example.com' })
  expect([answer.status, await answer.json()]).toEqual([403, { error: 'unmet_authentication_requirements' }])
  for (const challenge of [undefined, '', 'Basic realm="x"', 'Bearer error="invalid_token"'])
    expect((await page.post('/step-up/begin', { challenge })).status).toBe(400)
  expect(world.asked).toBe(0)
})

test('CS-2 no other site steps a user up, and no code is used up by it', async () => {
  const { world, page } = await createWorld()
  const body = { code: codeAt(world.now) }
  const forged = await page.post('/step-up', body, page.cookie(), 'https://evil.example')
  expect(forged.status).toBe(403)
  expect(await forged.json()).not.toEqual({ error: 'wrong_code' })
  expect((await page.post('/step-up', body)).status).toBe(200)
})

interface Given {
  readonly elevationSeconds?: number
  readonly paymentsRequire?: AuthenticationRequirement
  readonly hasPhone?: boolean
}

async function createWorld({ elevationSeconds = 300, paymentsRequire = requirement, hasPhone = true }: Given = {}) {
  const world = { now: START, emails: new Map<string, string>(), asked: 0 }
  const clock = { now: (): NumericDate => numericDate(world.now) }
  const storage = memoryStorage({ clock })
  const tokens = createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [key],
    refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
    storage,
    sessionPolicy: { elevationSeconds },
    clock,
  })
  const payments = createPayments({ tokens, requirement: paymentsRequire, clock })
  const app = createApp({
    tokens,
    storage,
    users: {
      checkPassword: async (name, password) => (name === 'ada' && password === 'secret' ? 'user_42' : undefined),
      totpSecretOf: async () => (hasPhone ? SECRET : undefined),
      setEmail: async (subject, address) => void world.emails.set(subject, address),
    },
    origin: APP,
    paymentsUrl: 'https://payments.internal/pay',
    fetch: (url, init) => payments(new Request(url, init)),
    clock,
  })
  async function open() {
    let cookie = ''
    const post = async (path: string, body: unknown = {}, sent = cookie, origin = APP): Promise<Response> => {
      const site = origin === APP ? 'same-origin' : 'cross-site'
      const headers = { cookie: sent, origin, 'sec-fetch-site': site }
      const answer = await app(new Request(APP + path, { method: 'POST', headers, body: JSON.stringify(body) }))
      const [set] = answer.headers.getSetCookie()
      if (set !== undefined && sent === cookie) cookie = set.slice(0, set.indexOf(';'))
      return answer
    }
    await post('/sign-in', { name: 'ada', password: 'secret' })
    const stepUp = stepUpWithCode(
      (path, { body }) => post(path, JSON.parse(String(body))),
      async () => {
        world.asked += 1
        return codeAt(world.now)
      },
    )
    return {
      post,
      cookie: () => cookie,
      withStepUp: (path: string, body?: unknown) => fetchWithStepUp(() => post(path, body), stepUp),
    }
  }
  const page = await open()
  async function claimsNow() {
    const access = await tokens.sessions.issueAccessToken(page.cookie().slice('__Host-Http-sid='.length))
    const verified = await tokens.verify(access.ok ? access.accessToken : '')
    if (!verified.ok) throw new Error(verified.reason)
    return verified.claims
  }
  return { world, page, open, claimsNow }
}

const SECRET = new Secret({ size: 20 }).base32

function codeAt(at: number): string {
  return new TOTP({ secret: Secret.fromBase32(SECRET) }).generate({ timestamp: at * 1000 })
}
