// Cookies as text: defined, written, read, split, cleared; and requests judged by where they come from and what they bring.
import { plusSeconds } from '@tallystick/core'
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { systemEntropy } from '@tallystick/core/system'
import {
  clearCookie,
  type CookieDefinition,
  defineCookie,
  loginCookie,
  mergeCookies,
  readCookie,
  sessionCookie,
  setCookie,
  toSetCookie,
} from '@tallystick/cookie'
import {
  issueCsrfToken,
  issueLoginState,
  judgeRequest,
  resolveCsrfPolicy,
  verifyCsrfToken,
  verifyLoginState,
} from '@tallystick/cookie/csrf'
import { holds, same, throws, type Register } from './checks.ts'
import { START } from './world.ts'

/** Registers the checks of `@tallystick/cookie`. */
export function cookieChecks(check: Register): void {
  textChecks(check)
  chunkChecks(check)
  judgementChecks(check)
  tokenChecks(check)
}

function textChecks(check: Register): void {
  check('cookie: what contradicts itself is not defined', async () => {
    for (const [options, message] of [
      [{ name: '__Host-x', domain: 'example.com' }, /domain/i],
      [{ name: '__Host-Http-x', httpOnly: false }, /httpOnly/i],
      [{ name: 'x', sameSite: 'none', secure: false }, /secure/i],
      [{ name: 'x;y' }, /name/],
      [{ name: 'x', maxAgeSeconds: 40_000_000 }, /maxAgeSeconds/],
    ] as const)
      await throws(() => defineCookie(options), new RegExp(`^(Type|Range)Error: .*${message.source}`, 'i'))
  })
  check('cookie: a session cookie is written, read and cleared', async () => {
    same(linesOf(sessionCookie(), 'abc'), ['__Host-Http-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict'])
    same(read(sessionCookie(), 'theme=dark; __Host-Http-sid=abc'), 'abc')
    same(read(sessionCookie(), undefined), undefined)
    same(clearCookie(sessionCookie(), {}, START).map(toSetCookie), [
      '__Host-Http-sid=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict',
    ])
    await throws(() => setCookie(sessionCookie(), 'a; Domain=evil.example', {}, START), /^TypeError: (?!.*evil)/)
  })
  check('cookie: two of one name, letters that were never written and a header without end are refused', () => {
    for (const [cookieHeader, reason] of [
      ['__Host-Http-sid=a; __Host-Http-sid=b', 'cookie/duplicate'],
      ['__Host-Http-sid=a\u00e9', 'cookie/malformed'],
      [`x=${'y'.repeat(9000)}`, 'cookie/header_too_large'],
    ])
      same(read(sessionCookie(), cookieHeader), reason)
  })
  check('cookie: one of an earlier release is moved until its date', () => {
    const migratesFrom = [{ name: 'sid', until: plusSeconds(START, 60) }]
    const definition = sessionCookie({ migratesFrom })
    const reading = readCookie(definition, { cookieHeader: 'sid=old' }, START)
    holds(reading.ok, 'it is read')
    same([reading.value, reading.source, reading.cookies.map(({ name }) => name)], ['old', 'migrated', MOVED])
    const late = readCookie(definition, { cookieHeader: 'sid=old' }, plusSeconds(START, 60))
    same(late.ok && [late.source, late.cookies.length], ['absent', 0])
  })
}

function chunkChecks(check: Register): void {
  const definition = sessionCookie({ chunksMax: 4, headerBytesMax: 32_768 })
  const long = 'x'.repeat(9000)
  check('cookie: a long value is split, joined again, and its stale chunks are cleared', () => {
    const cookieHeader = headerOf(definition, long)
    same(cookieHeader.split('; ').length, 3)
    same(read(definition, cookieHeader) === long, true, 'that it is the same')
    same(
      linesOf(definition, 'short', cookieHeader).map((line) => line.split(';')[0]),
      ['__Host-Http-sid=short', '__Host-Http-sid.0=', '__Host-Http-sid.1=', '__Host-Http-sid.2='],
    )
    const tooLong = setCookie(definition, 'x'.repeat(20_000), {}, START)
    same(!tooLong.ok && tooLong.reason, 'cookie/value_too_long')
  })
  check('cookie: chunks of two answers that crossed are never one value', () => {
    const [first = '', ...rest] = headerOf(definition, long).split('; ')
    const [other = ''] = headerOf(definition, 'y'.repeat(9000)).split('; ')
    same(read(definition, [other, ...rest].join('; ')), 'cookie/chunks_stale')
    same(read(definition, rest.join('; ')), 'cookie/chunks_incomplete')
    same(read(definition, [first, ...rest, '__Host-Http-sid=a'].join('; ')), 'cookie/chunks_mixed')
  })
  check('cookie: the cookies of one answer fit together, each name once', async () => {
    const one = setCookie(sessionCookie(), 'a', {}, START)
    const two = setCookie(loginCookie(), 'b', {}, START)
    holds(one.ok && two.ok, 'both are set')
    const merged = mergeCookies([one.cookies, two.cookies, one.cookies], {})
    same(merged.ok && merged.cookies.map(({ name }) => name), ['__Host-Http-sid', '__Host-Http-login'])
    const again = setCookie(sessionCookie(), 'c', {}, START)
    holds(again.ok, 'it is set')
    await throws(() => mergeCookies([one.cookies, again.cookies], {}), /^TypeError: .*set twice/)
  })
}

function judgementChecks(check: Register): void {
  check(
    "csrf: a request is judged by Fetch Metadata, then Origin, then Referer, through the runtime's own Headers",
    () => {
      const policy = resolveCsrfPolicy({ targetOrigins: [APP], trustedOrigins: ['https://admin.example.com'] })
      const judged = (method: string, sent: Record<string, string>): string => {
        const headers = new Headers(sent)
        const judgement = judgeRequest({ method, header: (name) => headers.get(name) }, policy)
        return judgement.ok ? judgement.by : judgement.reason
      }
      for (const [method, headers, verdict] of JUDGEMENTS) same(judged(method, headers), verdict)
    },
  )
}

function tokenChecks(check: Register): void {
  const ring = resolveSecretRing([{ id: 1, secret: Uint8Array.from({ length: 32 }, (_, at) => at + 1) }], 'test')
  check('csrf: a signed double submit is good in its session, as submitted, and in no other', () => {
    const token = issueCsrfToken(ring, 'session-1', systemEntropy)
    const other = issueCsrfToken(ring, 'session-1', systemEntropy)
    const verified = (sessionId: string, submitted: string | undefined, cookie: string): string => {
      const result = verifyCsrfToken(ring, { sessionId, submitted, cookie })
      return result.ok ? 'ok' : result.reason
    }
    same(verified('session-1', token, token), 'ok')
    same(verified('session-2', token, token), 'csrf/token_invalid')
    same(verified('session-1', token, other), 'csrf/token_invalid')
    same(verified('session-1', undefined, token), 'csrf/token_missing')
    same(verified('session-1', `${token}A`, `${token}A`), 'csrf/token_invalid')
    same(verified('session-1', 'naive', 'naive'), 'csrf/token_invalid')
  })
  check('csrf: the state of a log-in is good in the browser that began it, for its time', () => {
    const options = { context: 'https://idp.example.com' }
    const { state, cookieValue } = issueLoginState(ring, options, START, systemEntropy)
    const verified = (given: object, seconds = 0): string => {
      const result = verifyLoginState(
        ring,
        { state, held: cookieValue, ...options, ...given },
        plusSeconds(START, seconds),
      )
      return result.ok ? 'ok' : result.reason
    }
    same([verified({}), verified({}, 599), verified({}, 700)], ['ok', 'ok', 'csrf/state_expired'])
    same([verified({ held: undefined }), verified({ context: 'https://evil.example' })], STATE_REFUSALS)
  })
}

function linesOf(definition: CookieDefinition, value: string, cookieHeader?: string): readonly string[] {
  const plan = setCookie(definition, value, { cookieHeader }, START)
  holds(plan.ok, plan.ok ? '' : plan.reason)
  return plan.cookies.map(toSetCookie)
}

/** The Cookie header of a browser that took the lines of a value. */
function headerOf(definition: CookieDefinition, value: string): string {
  return linesOf(definition, value)
    .map((line) => line.split(';')[0])
    .join('; ')
}

function read(definition: CookieDefinition, cookieHeader: string | undefined): string | undefined {
  const reading = readCookie(definition, { cookieHeader }, START)
  return reading.ok ? reading.value : reading.reason
}

const APP = 'https://app.example.com'
const MOVED = ['__Host-Http-sid', 'sid']
const STATE_REFUSALS = ['csrf/state_missing', 'csrf/state_invalid']
const JUDGEMENTS: readonly (readonly [method: string, headers: Record<string, string>, verdict: string])[] = [
  ['GET', { 'Sec-Fetch-Site': 'cross-site' }, 'safe_method'],
  ['TRACE', { 'Sec-Fetch-Site': 'same-origin' }, 'csrf/method'],
  ['POST', { 'Sec-Fetch-Site': 'same-origin' }, 'fetch_metadata'],
  ['POST', { 'Sec-Fetch-Site': 'none' }, 'fetch_metadata'],
  ['POST', { 'Sec-Fetch-Site': 'cross-site', Origin: APP }, 'csrf/cross_site'],
  ['POST', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://admin.example.com' }, 'fetch_metadata'],
  ['POST', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.example.com' }, 'csrf/same_site'],
  ['POST', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://evil.example' }, 'csrf/inconsistent'],
  ['DELETE', { Origin: APP }, 'origin'],
  ['POST', { Origin: 'null' }, 'csrf/origin'],
  ['POST', { Referer: `${APP}/form?x=1` }, 'referer'],
  ['POST', { Referer: 'https://evil.example/' }, 'csrf/referer'],
  ['PURGE', {}, 'csrf/unknown'],
]
