// Every endpoint × method × Sec-Fetch-Site × Origin × content: what is served, and that nothing else reaches the server.
import { beforeAll, expect, test } from 'vitest'
import type { SessionServer } from '../src/session-server.ts'
import { createSessionHandlers, type SessionHandlers } from '../src/index.ts'
import { APP, COOKIE, createWorld, signedIn } from './world.ts'

const ENDPOINTS = ['signIn', 'refresh', 'authenticate', 'elevate', 'reauthenticate', 'signOut'] as const
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'post']
const SITES = [
  undefined,
  'same-origin',
  'none',
  'same-site',
  'cross-site',
  'SAME-ORIGIN',
  'same-origin, cross-site',
  'x',
]
const ORIGINS = [
  undefined,
  APP,
  'https://APP.example.com:443',
  'null',
  'https://evil.example',
  'https://blog.example.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com.evil.example',
  'https://[::1]',
  `${APP}, https://evil.example`,
  '',
]
const CONTENTS: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { 'content-type': 'application/json' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'x-http-method-override': 'POST' },
  { 'x-http-method-override': 'GET', 'x-method-override': 'GET' },
]

/** What may change something, told again: the site's own word first, the origin where there is none. */
function isOwn(site: string | undefined, origin: string | undefined): boolean {
  const isSelf = origin === APP || origin === 'https://APP.example.com:443'
  if (site === 'same-origin' || site === 'none') return origin === undefined || origin === 'null' || isSelf
  if (site === 'same-site' || site === 'cross-site') return false
  return isSelf
}

let cookie = ''
let answers: SessionServer
let calls: string[] = []

beforeAll(async () => {
  const world = createWorld()
  const { credential } = await signedIn(world)
  cookie = `${COOKIE}=${credential}`
  const presented = await world.server.sessions.present(credential)
  if (!presented.ok) throw new Error('nobody is signed in')
  // Answers as the server would, and counts what reaches it.
  const spy = (verb: string, answer: object) => () => {
    calls.push(verb)
    return Promise.resolve(answer)
  }
  const { session } = presented
  const proved = { ok: true, session, credential: `tsn_${'B'.repeat(65)}`, renewalDue: false }
  answers = {
    sessions: {
      establish: spy('signIn', proved),
      present: spy('authenticate', presented),
      elevate: spy('elevate', proved),
      reauthenticate: spy('reauthenticate', proved),
      revoke: spy('signOut', { revoked: 1 }),
    },
  } as unknown as SessionServer
})

function act(
  handlers: SessionHandlers,
  endpoint: (typeof ENDPOINTS)[number],
  request: Parameters<SessionHandlers['refresh']>[0],
) {
  if (endpoint === 'signIn') return handlers.signIn(request, { subject: 'alice' })
  if (endpoint === 'elevate' || endpoint === 'reauthenticate') return handlers[endpoint](request, { methods: ['otp'] })
  return handlers[endpoint](request)
}

function like(method: string, headers: Readonly<Record<string, string | undefined>>) {
  return { method, url: `${APP}/x`, headers: { get: (name: string) => headers[name] ?? null } }
}

test('CS-1 CS-2 CS-3 CS-6 SE-12 A29 A31 the whole matrix: served where the request is the application’s own, else nothing happens', async () => {
  const handlers = createSessionHandlers(answers, { origin: APP })
  const counts = new Map<string, number>()
  for (const endpoint of ENDPOINTS)
    for (const method of METHODS)
      for (const site of SITES)
        for (const origin of ORIGINS)
          for (const content of CONTENTS) {
            calls = []
            const request = like(method, { cookie, 'sec-fetch-site': site, origin, ...content })
            const answer = await act(handlers, endpoint, request)
            const isSafe = endpoint === 'authenticate' && ['GET', 'HEAD', 'OPTIONS'].includes(method)
            const isTaken = isSafe || ((method === 'POST' || endpoint === 'authenticate') && isOwn(site, origin))
            const place = JSON.stringify({ endpoint, method, site, origin, content })
            expect(answer.ok, place).toBe(isTaken)
            expect(calls.length, place).toBe(isTaken ? 1 : 0)
            if (!isTaken) {
              expect(answer.cookies, place).toEqual([])
              expect([403, 405], place).toContain(answer.status)
              expect(answer.headers['allow'], place).toBe(answer.status === 405 ? 'POST' : undefined)
            }
            expect(answer.headers['vary'], place).toContain('Sec-Fetch-Site, Origin')
            const outcome = `${endpoint} ${answer.ok ? 'served' : (answer as { reason: string }).reason}`
            counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
          }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  expect(total).toBe(ENDPOINTS.length * METHODS.length * SITES.length * ORIGINS.length * CONTENTS.length)
  // Methods that are not served; of POST, what each evidence decides. All six contents are alike.
  const post = {
    served: 96,
    'csrf/cross_site': 72,
    'csrf/same_site': 72,
    'csrf/inconsistent': 96,
    'csrf/origin': 216,
    'csrf/unknown': 24,
  }
  for (const endpoint of ENDPOINTS) {
    const of = (outcome: string): number => counts.get(`${endpoint} ${outcome}`) ?? 0
    if (endpoint === 'authenticate') {
      expect(of('served')).toBe(3 * 576 + 6 * post.served)
      expect(of('csrf/cross_site')).toBe(6 * post['csrf/cross_site'])
    } else {
      for (const [outcome, count] of Object.entries(post)) expect(of(outcome), `${endpoint} ${outcome}`).toBe(count)
      expect(of('http/method_not_allowed')).toBe(8 * 576)
    }
  }
})

test('CS-4 A29 where a header is required every request carries it, body or none, and no form’s content type is taken', async () => {
  const handlers = createSessionHandlers(answers, { origin: APP, csrf: { requiredHeader: 'X-Requested-By' } })
  const own = { cookie, 'sec-fetch-site': 'same-origin', origin: APP }
  const header = { 'x-requested-by': 'page' }
  for (const endpoint of ENDPOINTS) {
    const outcome = async (headers: Readonly<Record<string, string>>, method = 'POST'): Promise<string> => {
      calls = []
      const answer = await act(handlers, endpoint, like(method, headers))
      expect(calls).toHaveLength(answer.ok ? 1 : 0)
      return answer.ok ? 'served' : (answer as { reason: string }).reason
    }
    expect(await outcome(own)).toBe('csrf/header_missing')
    expect(await outcome({ ...own, 'x-requested-by': '' })).toBe('csrf/header_missing')
    expect(await outcome({ ...own, ...header })).toBe('served')
    expect(await outcome({ ...own, ...header, 'content-type': 'application/json' })).toBe('served')
    for (const type of [
      'text/plain',
      'TEXT/plain;charset=utf-8',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'text/plain,application/json',
    ])
      expect(await outcome({ ...own, ...header, 'content-type': type }), type).toBe('csrf/content_type')
    expect(await outcome({ ...own, ...header, 'sec-fetch-site': 'cross-site' })).toBe('csrf/cross_site')
  }
})

test('CS-2 a sibling that is trusted may send requests, and no other', async () => {
  const handlers = createSessionHandlers(answers, {
    origin: APP,
    csrf: { trustedOrigins: ['https://account.example.com'] },
  })
  const sibling = (origin: string) => like('POST', { cookie, 'sec-fetch-site': 'same-site', origin })
  expect(await handlers.refresh(sibling('https://account.example.com'))).toMatchObject({ ok: true })
  expect(await handlers.refresh(sibling('https://blog.example.com'))).toMatchObject({ reason: 'csrf/same_site' })
})

test('CS-3 clients without a browser are taken where that is said, and a page of another site is not', async () => {
  const handlers = createSessionHandlers(answers, { origin: APP, csrf: { whenUnknown: 'allow' } })
  expect(await handlers.refresh(like('POST', { cookie }))).toMatchObject({ ok: true })
  expect(await handlers.refresh(like('POST', { cookie, origin: 'null' }))).toMatchObject({ reason: 'csrf/origin' })
})
