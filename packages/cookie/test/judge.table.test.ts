// Every method with every source a request may name, under every policy, against a second statement of the rules.
import { expect, test } from 'vitest'
import { judgeRequest, resolveCsrfPolicy } from '../src/csrf.ts'

/** Whom a header names. The law reads text; this statement is given the meaning. */
type Named = 'nobody' | 'target' | 'trusted' | 'foreign' | 'opaque'

const METHODS = {
  safe: ['GET', 'HEAD', 'OPTIONS'],
  unsafe: ['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'Head', 'QUERY', 'PROPFIND', ''],
  never: ['TRACE', 'trace', 'TRACK', 'CONNECT'],
} as const

const SITES = {
  'same-origin': ['same-origin'],
  'same-site': ['same-site'],
  'cross-site': ['cross-site'],
  none: ['none'],
  unsaid: [undefined, null, '', 'same-party', 'Same-Origin', 'cross-site, same-origin', ' none'],
} as const

const ORIGINS: Readonly<Record<Named, ReadonlyArray<string | undefined>>> = {
  nobody: [undefined],
  target: [
    'https://app.example.com',
    'https://app.example.com:443',
    'https://[2001:db8::1]:8443',
    'http://localhost:3000',
  ],
  trusted: ['https://www.example.com'],
  foreign: [
    'https://evil.example',
    'https://other.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://app.example.com@evil.example',
    'https://[2001:db8::1]',
    'http://localhost',
    'https://app.example.com, https://app.example.com',
    '',
  ],
  opaque: ['null'],
}

const REFERERS: Readonly<Record<Exclude<Named, 'opaque'>, ReadonlyArray<string | undefined>>> = {
  nobody: [undefined],
  target: ['https://app.example.com/orders?id=1'],
  trusted: ['https://www.example.com/'],
  foreign: ['https://evil.example/https://app.example.com/', 'http://app.example.com/', 'null', ''],
}

const TYPES = { form: ['text/plain', 'multipart/form-data; boundary=x'], own: [undefined, 'application/json'] } as const

type Verdict = string

const ALLOWED = 'allowed'
/** Rows: what Sec-Fetch-Site says. Columns: whom Origin names. Of `?` the Referer decides, by the second table. */
const BY_ORIGIN: Readonly<Record<keyof typeof SITES, Readonly<Record<Named, Verdict>>>> = {
  'same-origin': row(ALLOWED, ALLOWED, 'inconsistent', 'inconsistent', ALLOWED),
  none: row(ALLOWED, ALLOWED, 'inconsistent', 'inconsistent', ALLOWED),
  'same-site': row('?', 'same_site', ALLOWED, 'same_site', 'same_site'),
  'cross-site': row('cross_site', 'cross_site', 'cross_site', 'cross_site', 'cross_site'),
  unsaid: row('?', ALLOWED, ALLOWED, 'origin', 'origin'),
}
const BY_REFERER: Readonly<Record<string, Readonly<Record<Exclude<Named, 'opaque'>, Verdict>>>> = {
  'same-site': { nobody: 'same_site', target: 'same_site', trusted: ALLOWED, foreign: 'same_site' },
  unsaid: { nobody: 'unknown', target: ALLOWED, trusted: ALLOWED, foreign: 'referer' },
}

function row(nobody: Verdict, target: Verdict, trusted: Verdict, foreign: Verdict, opaque: Verdict) {
  return { nobody, target, trusted, foreign, opaque }
}

interface Case {
  readonly methodKind: keyof typeof METHODS
  readonly method: string
  readonly site: keyof typeof SITES
  readonly origin: Named
  readonly referer: Exclude<Named, 'opaque'>
  readonly whenUnknown: 'refuse' | 'allow'
  readonly header: 'not asked for' | 'missing' | 'sent'
  readonly type: keyof typeof TYPES
}

function expected({ methodKind, method, site, origin, referer, whenUnknown, header, type }: Case): Verdict {
  if (methodKind === 'never') return 'method'
  if (header === 'missing' && method !== 'OPTIONS') return 'header_missing'
  if (methodKind === 'safe') return 'safe'
  if (header === 'sent' && type === 'form') return 'content_type'
  const byOrigin = BY_ORIGIN[site][origin]
  const verdict = byOrigin === '?' ? (BY_REFERER[site]?.[referer] ?? '') : byOrigin
  return verdict === 'unknown' && (header === 'sent' || whenUnknown === 'allow') ? ALLOWED : verdict
}

function* cases(): Generator<Case & { readonly sent: Readonly<Record<string, string | null | undefined>> }> {
  for (const [methodKind, methods] of entries(METHODS)) {
    for (const method of methods) {
      for (const [site, siteTexts] of entries(SITES)) {
        for (const siteText of siteTexts) {
          for (const [origin, originTexts] of entries(ORIGINS)) {
            for (const originText of originTexts) {
              for (const [referer, refererTexts] of entries(REFERERS)) {
                for (const refererText of refererTexts) {
                  for (const whenUnknown of ['refuse', 'allow'] as const) {
                    for (const header of ['not asked for', 'missing', 'sent'] as const) {
                      for (const [type, typeTexts] of entries(TYPES)) {
                        for (const typeText of typeTexts) {
                          const sent = {
                            'sec-fetch-site': siteText,
                            origin: originText,
                            referer: refererText,
                            'content-type': typeText,
                            'x-app': header === 'sent' ? '1' : undefined,
                            // An attacker may add these to a form on some servers; they change nothing.
                            'x-http-method-override': 'GET',
                          }
                          yield { methodKind, method, site, origin, referer, whenUnknown, header, type, sent }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

test('CS-1 CS-2 CS-3 CS-4 CS-6 A29 A31 every request gets the verdict of the table, and only then may change state', () => {
  const policyOf = new Map(
    (['refuse', 'allow'] as const).flatMap((whenUnknown) =>
      [undefined, 'X-App'].map((requiredHeader) => {
        const policy = resolveCsrfPolicy({
          targetOrigins: ['https://app.example.com', 'https://[2001:db8::1]:8443', 'http://localhost:3000'],
          trustedOrigins: ['https://www.example.com'],
          whenUnknown,
          requiredHeader,
        })
        return [`${whenUnknown} ${requiredHeader !== undefined}`, policy] as const
      }),
    ),
  )
  const reached = new Map<string, number>()
  let wrong = 0
  for (const one of cases()) {
    const policy = policyOf.get(`${one.whenUnknown} ${one.header !== 'not asked for'}`)
    if (policy === undefined) throw new Error('each policy is there')
    const judged = judgeRequest({ method: one.method, header: (name) => one.sent[name] }, policy)
    const verdict = judged.ok ? (judged.mayChangeState ? ALLOWED : 'safe') : judged.reason.replace('csrf/', '')
    if (verdict !== expected(one)) {
      wrong += 1
      if (wrong < 5) console.error(`${JSON.stringify(one)}: ${verdict}, but the table says ${expected(one)}`)
    }
    reached.set(verdict, (reached.get(verdict) ?? 0) + 1)
  }
  console.log(`CS: ${[...reached.values()].reduce((sum, count) => sum + count)} requests,`, Object.fromEntries(reached))
  expect(wrong).toBe(0)
  const verdicts = ['allowed', 'safe', 'method', 'header_missing', 'content_type', 'cross_site', 'same_site']
  for (const verdict of [...verdicts, 'inconsistent', 'origin', 'referer', 'unknown'])
    expect(reached.get(verdict), verdict).toBeGreaterThan(0)
})

function entries<Key extends string, Value>(table: Readonly<Record<Key, Value>>): ReadonlyArray<readonly [Key, Value]> {
  return Object.entries(table) as Array<[Key, Value]>
}
