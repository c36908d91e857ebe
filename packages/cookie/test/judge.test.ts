// Where a request comes from: the attacks by name, the evidence that is told, the policy's mistakes.
import { describe, expect, test } from 'vitest'
import { type CsrfPolicy, judgeRequest, resolveCsrfPolicy, varyOn } from '../src/csrf.ts'
import { canonicalOrigin, refererOrigin } from '../src/origin.ts'
import { csrfRefusals } from '../src/refusals.ts'

const targetOrigins = ['https://app.example.com']
const policy = resolveCsrfPolicy({ targetOrigins })
const withHeader = resolveCsrfPolicy({ targetOrigins, requiredHeader: 'X-App' })

function judge(method: string, headers: Readonly<Record<string, string>>, rules = policy): string {
  const judged = judgeRequest({ method, header: (name) => new Headers(headers).get(name) }, rules)
  return judged.ok ? judged.by : judged.reason
}

describe('A29 attacks', () => {
  const evil = 'https://evil.example'
  const form = 'application/x-www-form-urlencoded'
  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      'a form of another site',
      'POST',
      { 'sec-fetch-site': 'cross-site', origin: evil, 'content-type': form },
      'csrf/cross_site',
    ],
    ['the same in a browser without metadata', 'POST', { origin: evil, 'content-type': form }, 'csrf/origin'],
    [
      'a page of a sibling',
      'POST',
      { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' },
      'csrf/same_site',
    ],
    [
      'JSON as text/plain',
      'POST',
      { 'sec-fetch-site': 'cross-site', origin: evil, 'content-type': 'text/plain' },
      'csrf/cross_site',
    ],
    ['a POST without a body', 'POST', { 'sec-fetch-site': 'cross-site', origin: evil }, 'csrf/cross_site'],
    ['a POST without a body or headers', 'POST', {}, 'csrf/unknown'],
    ['a sandboxed frame', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'null' }, 'csrf/cross_site'],
    ['the same in a browser without metadata', 'POST', { origin: 'null' }, 'csrf/origin'],
    ['the page over http', 'POST', { origin: 'http://app.example.com' }, 'csrf/origin'],
    ['another port', 'POST', { origin: 'https://app.example.com:8443' }, 'csrf/origin'],
    ['a name that begins like ours', 'POST', { origin: 'https://app.example.com.evil.example' }, 'csrf/origin'],
    ['a name that ends like ours', 'POST', { origin: 'https://evilapp.example.com' }, 'csrf/origin'],
    ['a Referer with our name in its path', 'POST', { referer: `${evil}/https://app.example.com/` }, 'csrf/referer'],
    [
      'a Referer with our name as its user',
      'POST',
      { referer: 'https://app.example.com@evil.example/' },
      'csrf/referer',
    ],
    ['a rebound name', 'POST', { 'sec-fetch-site': 'same-origin', origin: evil }, 'csrf/inconsistent'],
  ])('%s', (_, method, headers, reason) => {
    expect(judge(method, headers)).toBe(reason)
  })

  test.each(['x-http-method-override', 'x-http-method', 'x-method-override'])('%s overrides nothing', (name) => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: evil }
    expect(judge('POST', { ...headers, [name]: 'GET' })).toBe('csrf/cross_site')
    expect(judge('GET', { ...headers, [name]: 'POST' })).toBe('safe_method')
  })

  test('CS-6 A31 a link or an image on another site may not sign anybody out', () => {
    const header = (name: string): string | undefined => (name === 'sec-fetch-site' ? 'cross-site' : undefined)
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect(judgeRequest({ method, header }, policy)).toEqual({ ok: true, mayChangeState: false, by: 'safe_method' })
    }
  })

  test('methods are told apart as HTTP tells them: get is not GET', () => {
    expect(judge('get', {})).toBe('csrf/unknown')
    expect(judge('TRACE', { 'sec-fetch-site': 'same-origin' })).toBe('csrf/method')
    expect(judgeRequest({ method: undefined as unknown as string, header: () => null }, policy).ok).toBe(false)
  })
})

describe('honest requests', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['our page', { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }, 'fetch_metadata'],
    [
      'our page with Referrer-Policy: no-referrer',
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      'fetch_metadata',
    ],
    ['an address typed in', { 'sec-fetch-site': 'none' }, 'fetch_metadata'],
    ['an older browser', { origin: 'https://app.example.com' }, 'origin'],
    ['a newer browser', { 'sec-fetch-site': 'same-planet', origin: 'https://app.example.com' }, 'origin'],
    ['a very old one', { referer: 'https://app.example.com/orders' }, 'referer'],
  ])('%s', (_, headers, by) => {
    expect(judge('POST', headers)).toBe(by)
  })

  test('a trusted sibling, by Origin or by Referer, and never from another site', () => {
    const rules = resolveCsrfPolicy({ targetOrigins, trustedOrigins: ['https://www.example.com'] })
    expect(judge('POST', { 'sec-fetch-site': 'same-site', origin: 'https://www.example.com' }, rules)).toBe(
      'fetch_metadata',
    )
    expect(judge('POST', { 'sec-fetch-site': 'same-site', referer: 'https://www.example.com/a' }, rules)).toBe(
      'fetch_metadata',
    )
    expect(judge('POST', { 'sec-fetch-site': 'cross-site', origin: 'https://www.example.com' }, rules)).toBe(
      'csrf/cross_site',
    )
    // What it names itself weighs more than the page that it names.
    const both = { 'sec-fetch-site': 'same-site', origin: 'null', referer: 'https://www.example.com/a' }
    expect(judge('POST', both, rules)).toBe('csrf/same_site')
  })

  test('CS-3 clients without a browser are taken where the policy says so', () => {
    expect(judge('POST', {}, resolveCsrfPolicy({ targetOrigins, whenUnknown: 'allow' }))).toBe('policy')
    expect(judge('POST', { origin: 'null' }, resolveCsrfPolicy({ targetOrigins, whenUnknown: 'allow' }))).toBe(
      'csrf/origin',
    )
  })
})

describe('CS-4 a required header', () => {
  test('every request must carry it, one without a body and a safe one too; a preflight cannot', () => {
    for (const method of ['POST', 'GET', 'HEAD', 'DELETE']) {
      expect(judge(method, { 'sec-fetch-site': 'same-origin' }, withHeader)).toBe('csrf/header_missing')
      expect(judge(method, { 'sec-fetch-site': 'same-origin', 'x-app': '' }, withHeader)).toBe('csrf/header_missing')
    }
    expect(judge('OPTIONS', { origin: 'https://evil.example' }, withHeader)).toBe('safe_method')
    expect(judge('GET', { 'x-app': '1' }, withHeader)).toBe('safe_method')
    expect(judge('POST', { 'x-app': '1' }, withHeader)).toBe('required_header')
  })

  test('it does not outweigh a source that is named', () => {
    expect(judge('POST', { 'x-app': '1', 'sec-fetch-site': 'cross-site' }, withHeader)).toBe('csrf/cross_site')
    expect(judge('POST', { 'x-app': '1', origin: 'https://evil.example' }, withHeader)).toBe('csrf/origin')
  })

  test.each([
    ['text/plain', false],
    ['TEXT/PLAIN;charset=utf-8', false],
    ['application/x-www-form-urlencoded', false],
    ['multipart/form-data; boundary=a', false],
    ['text/plain, application/json', false],
    ['application/json, text/plain', false],
    ['json', false],
    ['', false],
    ['application/json', true],
    ['Application/JSON', true],
    ['application/json; charset=utf-8', true],
    ['application/cbor', true],
    ['text/plain+json', true],
  ])('content type %j: %s', (type, isTaken) => {
    const header = (name: string): string | undefined => ({ 'x-app': '1', 'content-type': type })[name]
    const judged = judgeRequest({ method: 'POST', header }, withHeader)
    expect(judged.ok ? judged.by : judged.reason).toBe(isTaken ? 'required_header' : 'csrf/content_type')
  })

  test('without it content types are not looked at', () => {
    expect(judge('POST', { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' })).toBe('fetch_metadata')
  })
})

test('CS-7 what a judgement depends on is said to caches', () => {
  expect(varyOn).toBe('Sec-Fetch-Site, Origin')
  for (const [reason, { status, headers }] of Object.entries(csrfRefusals)) {
    expect(headers?.['cache-control'], reason).toBe('no-store')
    if (status === 403) expect(headers?.['vary'], reason).toBe(varyOn)
  }
})

describe('CS-3 origins have one spelling', () => {
  test.each<[string, string | undefined]>([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://APP.example.com:443', 'https://app.example.com'],
    ['http://app.example.com:80', 'http://app.example.com'],
    ['http://app.example.com:443', 'http://app.example.com:443'],
    ['https://[2001:DB8:0:0:0:0:0:1]:8443', 'https://[2001:db8::1]:8443'],
    ['https://[::ffff:127.0.0.1]', 'https://[::ffff:7f00:1]'],
    ['null', undefined],
    ['', undefined],
    ['https://', undefined],
    ['https://app.example.com/', undefined],
    ['https://app.example.com?', undefined],
    ['https://user@app.example.com', undefined],
    ['https://app.example.com:99999', undefined],
    ['https://app.example.com:', undefined],
    ['https://app.example.com\\@evil.example', undefined],
    ['https://app.example.com\n', undefined],
    [' https://app.example.com', undefined],
    ['https://app.example.com https://evil.example', undefined],
    ['https://[::1', undefined],
    ['https://[1]', undefined],
    ['ftp://app.example.com', undefined],
    ['file://', undefined],
    ['HTTPS://app.example.com', undefined],
    ['https:app.example.com', undefined],
  ])('%j', (text, origin) => {
    expect(canonicalOrigin(text)).toBe(origin)
  })

  test.each<[string, string | undefined]>([
    ['https://app.example.com/a?b#c', 'https://app.example.com'],
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com:443/', 'https://app.example.com'],
    ['https://app.example.com\\.evil.example/', undefined],
    ['https://user:password@evil.example/', 'https://evil.example'],
    ['about:client', undefined],
    ['data:text/html,x', undefined],
    ['https://', undefined],
    ['/orders', undefined],
    ['', undefined],
  ])('the page %j', (text, origin) => {
    expect(refererOrigin(text)).toBe(origin)
  })
})

describe('a policy that cannot be meant is a mistake', () => {
  test.each<[string, object, RegExp]>([
    ['no target', { targetOrigins: [] }, /targetOrigins must name at least one origin/],
    ['none at all', {}, /targetOrigins must be an array/],
    [
      'a path',
      { targetOrigins: ['https://app.example.com/'] },
      /targetOrigins\.0 must be an https origin without a path/,
    ],
    ['plain http', { targetOrigins: ['http://app.example.com'] }, /targetOrigins\.0 must be an https origin/],
    ['any origin', { targetOrigins: ['*'] }, /targetOrigins\.0 must be/],
    ['null', { targetOrigins, trustedOrigins: ['null'] }, /trustedOrigins\.0 must be/],
    ['a pattern', { targetOrigins, trustedOrigins: ['https://*.example.com'] }, /trustedOrigins\.0 must be/],
    ['a third answer', { targetOrigins, whenUnknown: 'log' }, /whenUnknown must be 'refuse' or 'allow'/],
    ['a header any page sends', { targetOrigins, requiredHeader: 'Content-Type' }, /requiredHeader must be/],
    ['a header of the browser', { targetOrigins, requiredHeader: 'Sec-Fetch-Mode' }, /requiredHeader must be/],
    ['no header', { targetOrigins, requiredHeader: '' }, /requiredHeader must be/],
    ['another field', { targetOrigins, naive: true }, /fields of CsrfPolicy only/],
  ])('%s', (_, given, message) => {
    expect(() => resolveCsrfPolicy(given as CsrfPolicy)).toThrow(message)
  })

  test('a policy is frozen, and http on this machine is allowed', () => {
    expect(Object.isFrozen(resolveCsrfPolicy({ targetOrigins: ['http://localhost:3000', 'http://[::1]:3000'] }))).toBe(
      true,
    )
  })
})
