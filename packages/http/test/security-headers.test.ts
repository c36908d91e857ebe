// The security headers of a page: what they say, and that nothing handed in breaks out of its place.
import { describe, expect, test } from 'vitest'
import { clearSiteData, createNonce, securityHeaders } from '../src/index.ts'

test('a page gets a strict policy, https for a year, no framing, no sniffing and no referrer for others', () => {
  expect(securityHeaders()).toEqual({
    'content-security-policy':
      "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  })
})

test('with a nonce only scripts that carry it run, and what those load', () => {
  const nonce = createNonce()
  const policy = securityHeaders({ nonce })['content-security-policy'] ?? ''
  expect(policy).toContain(`script-src 'nonce-${nonce}' 'strict-dynamic';`)
  expect(policy).toContain(`style-src 'self' 'nonce-${nonce}';`)
  expect(policy).not.toContain('unsafe')
})

test('a nonce stands beside the sources that were asked for', () => {
  const nonce = createNonce()
  const directives = {
    'script-src': ["'self'"],
    'style-src': ['https://fonts.example.com'],
    'img-src': ["'self'", 'data:'],
  }
  const policy = securityHeaders({ nonce, directives })['content-security-policy'] ?? ''
  expect(policy).toContain(`script-src 'self' 'nonce-${nonce}'`)
  expect(policy).toContain(`style-src https://fonts.example.com 'nonce-${nonce}'`)
  expect(policy).toContain("img-src 'self' data:")
})

test('the report-only step reports, keeps framing forbidden, and needs somebody who listens', () => {
  const headers = securityHeaders({ reportOnly: true, reportingEndpoint: '/csp-reports' })
  expect(headers['content-security-policy']).toBeUndefined()
  expect(headers['content-security-policy-report-only']).toMatch(/; report-to csp; report-uri \/csp-reports$/)
  expect(headers['reporting-endpoints']).toBe('csp="/csp-reports"')
  expect(headers['x-frame-options']).toBe('DENY')
  expect(() => securityHeaders({ reportOnly: true })).toThrow(/reportingEndpoint must be given/)
})

test('every header can be changed within its own words', () => {
  const headers = securityHeaders({
    strictTransportSecurity: 'none',
    referrerPolicy: 'no-referrer',
    openerPolicy: 'same-origin-allow-popups',
    resourcePolicy: 'cross-origin',
    permissions: { camera: ['self', 'https://call.example.com'] },
    directives: { 'frame-ancestors': ["'self'"] },
  })
  expect(headers['strict-transport-security']).toBeUndefined()
  expect(headers['permissions-policy']).toContain('camera=(self "https://call.example.com")')
  expect(headers['x-frame-options']).toBe('SAMEORIGIN')
  expect(
    securityHeaders({ directives: { 'frame-ancestors': ['https://a.example'] } })['x-frame-options'],
  ).toBeUndefined()
  expect(securityHeaders({ strictTransportSecurity: { maxAgeSeconds: 300, includeSubDomains: false } })).toMatchObject({
    'strict-transport-security': 'max-age=300',
  })
})

describe('what undoes a policy is a mistake', () => {
  const sources = [
    "'unsafe-inline'",
    "'UNSAFE-INLINE'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    '*',
    'https:',
    'data:',
    'blob:',
    'HTTP:',
    'https://*',
    'https://*:443',
    'https://*:*',
    '*:8443',
    '*:*',
    'wss://*',
    'https://*/js/',
    'ftp:',
    'javascript:',
  ]
  test.each(sources)('%s for scripts', (source) => {
    expect(() => securityHeaders({ directives: { 'script-src': [source] } })).toThrow(TypeError)
    const dangerouslyAllowUnsafeSources = true
    expect(() =>
      securityHeaders({ dangerouslyAllowUnsafeSources, directives: { 'script-src': [source] } }),
    ).not.toThrow()
  })
  test('inline styles need the dangerous name as well', () => {
    expect(() => securityHeaders({ directives: { 'style-src': ["'unsafe-inline'"] } })).toThrow(TypeError)
  })
})

test('nothing handed in breaks out of its place', () => {
  const breakouts = ["'self'; script-src *", 'a b', 'a,b', 'a\r\nset-cookie: a=b', 'a\n', 'a\0', 'a\u00E9', '', 'a\t']
  for (const text of breakouts) {
    expect(() => securityHeaders({ directives: { 'img-src': [text] } }), text).toThrow(TypeError)
    expect(() => securityHeaders({ directives: { [text]: ["'self'"] } }), text).toThrow(TypeError)
    expect(() => securityHeaders({ nonce: text }), text).toThrow(TypeError)
    expect(() => securityHeaders({ permissions: { camera: [text] } }), text).toThrow(TypeError)
    expect(() => securityHeaders({ permissions: { [text]: [] } }), text).toThrow(TypeError)
    expect(() => securityHeaders({ reportingEndpoint: text }), text).toThrow(TypeError)
  }
  for (const text of [
    'https://a.example/"',
    'https://a.example/,',
    '//a.example',
    'http://a.example',
    'javascript:1',
  ]) {
    expect(() => securityHeaders({ reportingEndpoint: text }), text).toThrow(TypeError)
  }
  expect(() => securityHeaders({ nonce: 'short' })).toThrow(/nonce must be 22/)
  expect(() => securityHeaders({ directives: { 'report-uri': ['https://a.example'] } })).toThrow(/reporting aside/)
  expect(() => securityHeaders({ strictTransportSecurity: { maxAgeSeconds: -1 } })).toThrow(/maxAgeSeconds/)
  expect(() => securityHeaders({ referrerPolicy: 'unsafe-url' as 'origin' })).toThrow(TypeError)
  expect(() => securityHeaders({ csp: true } as object)).toThrow(TypeError)
})

test('a nonce is drawn anew and is no shorter than 128 bits', () => {
  const nonces = new Set(Array.from({ length: 1000 }, () => createNonce()))
  expect(nonces.size).toBe(1000)
  for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(createNonce({ bytes: (length) => new Uint8Array(length).fill(255) })).toBe('_____________________w')
})

test('SE-8 Clear-Site-Data names cache, cookies and storage, or what was asked for, each once', () => {
  expect(clearSiteData()).toEqual({ 'clear-site-data': '"cache", "cookies", "storage"' })
  expect(clearSiteData('storage', 'executionContexts', 'storage')).toEqual({
    'clear-site-data': '"storage", "executionContexts"',
  })
  expect(() => clearSiteData('everything' as 'storage')).toThrow(TypeError)
})
