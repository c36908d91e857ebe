// What the outside sees of each refusal, and the tables of reasons and defaults on the docs page.
import { expect, test } from 'vitest'
import { resolveCsrfPolicy } from '../src/csrf.ts'
import {
  type CookieDefinition,
  cookieDefaults,
  csrfCookie,
  defineCookie,
  loginCookie,
  sessionCookie,
} from '../src/index.ts'
import {
  type CookieRefusal,
  cookieRefusals,
  type CsrfRefusal,
  csrfRefusals,
  refuseCookie,
  refuseCsrf,
} from '../src/refusals.ts'
import { markdownTable, onPage } from './page.ts'

const cookieReasons = Object.keys(cookieRefusals) as readonly CookieRefusal[]
const csrfReasons = Object.keys(csrfRefusals) as readonly CsrfRefusal[]
const refusals = [
  ...cookieReasons.map((reason) => refuseCookie(reason)),
  ...csrfReasons.map((reason) => refuseCsrf(reason)),
]

test('a refusal names its reason, has a status of its kind, and is kept by no cache', () => {
  for (const { reason, error } of refusals) {
    expect(reason).toMatch(/^(cookie|csrf)\/[a-z_]+$/)
    expect([400, 403, 431]).toContain(error.status)
    expect(error.headers['cache-control'], reason).toBe('no-store')
  }
  expect(refuseCookie('cookie/duplicate').error.status).toBe(400)
  expect(refuseCookie('cookie/header_too_large').error.status).toBe(431)
  expect(refuseCookie('cookie/budget_exceeded').error.status).toBe(431)
  expect(refuseCsrf('csrf/cross_site').error.status).toBe(403)
})

test('a refusal is one frozen value', () => {
  expect(refuseCsrf('csrf/origin')).toBe(refuseCsrf('csrf/origin'))
  expect(refusals.every((refusal) => Object.isFrozen(refusal) && Object.isFrozen(refusal.error))).toBe(true)
})

test('why a log-in or a token was not taken is told to nobody who could use it', () => {
  expect(refuseCsrf('csrf/state_missing').error).toEqual(refuseCsrf('csrf/state_invalid').error)
})

test('the refusals on the docs page are the refusals', () => {
  const rows = refusals.map(({ reason, error }) => [
    `\`${reason}\``,
    String(error.status),
    `\`${error.code}\``,
    error.description,
  ])
  const table = markdownTable(['reason', 'status', '`error`', '`error_description`'], rows)
  expect(onPage('refusals', table), 'run again with UPDATE_DOCS=1').toBe(table)
})

test('the defaults on the docs page are the defaults', () => {
  const any = defineCookie({ name: 'any' })
  const definitions: readonly CookieDefinition[] = [any, sessionCookie(), loginCookie(), csrfCookie()]
  const row = (label: string, tell: (definition: CookieDefinition) => string): readonly string[] => [
    label,
    ...definitions.map(tell),
  ]
  const rows = [
    row('name', (each) => (each === any ? 'yours' : `\`${each.name}\``)),
    row('`path`', ({ attributes }) => `\`${attributes.path}\``),
    row('`domain`', ({ attributes }) => attributes.domain ?? 'none'),
    row('`secure`', ({ attributes }) => String(attributes.secure)),
    row('`httpOnly`', ({ attributes }) => String(attributes.httpOnly)),
    row('`sameSite`', ({ attributes }) => `\`${attributes.sameSite}\``),
    row('`partitioned`', ({ attributes }) => String(attributes.partitioned)),
    row('`maxAgeSeconds`', ({ attributes }) => String(attributes.maxAgeSeconds ?? 'none')),
    row('`chunksMax`', ({ chunksMax }) => String(chunksMax)),
    row('`headerBytesMax`', ({ headerBytesMax }) => String(headerBytesMax)),
  ]
  const table = markdownTable(['option', '`defineCookie`', '`sessionCookie`', '`loginCookie`', '`csrfCookie`'], rows)
  expect(onPage('defaults', table), 'run again with UPDATE_DOCS=1').toBe(table)
  expect(any).toMatchObject({ chunksMax: cookieDefaults.chunksMax, headerBytesMax: cookieDefaults.headerBytesMax })
})

test('by default nobody is trusted, and who says nothing is refused', () => {
  const policy = resolveCsrfPolicy({ targetOrigins: ['https://app.example.com'] })
  expect(policy).toMatchObject({ whenUnknown: 'refuse', requiredHeader: undefined })
  expect(policy.trustedOrigins.size).toBe(0)
})
