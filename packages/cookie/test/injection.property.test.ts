// Ten thousand attempts to add an attribute or a header through each field: refused, or read by everyone as it was meant.
import { numericDate } from '@tallystick/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cookie, defineCookie, setCookie, toSetCookie } from '../src/index.ts'
import { domains, paths, plainNames, values } from './arbitraries.ts'
import { foreignParsers, meant } from './foreign.ts'
import { settings } from './settings.ts'

const now = numericDate(1_800_000_000)

/** What breaks out of a field, alone and followed by what an attacker wants. */
const BREAKING = [
  '\r\n',
  '\n',
  '\r',
  ';',
  ',',
  '\0',
  '"',
  '\\',
  '=',
  ' ',
  '\t',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u010a',
  '\u{1f36a}',
  '\uff1b',
  '%0d%0a',
  '%3B',
]
const WANTED = [
  '',
  'Domain=evil.example',
  ' Path=/evil',
  'Set-Cookie: sid=planted',
  ' HttpOnly=false',
  'SameSite=None',
  'Max-Age=99',
  '__Host-x=1',
]

const attack = fc.tuple(fc.constantFrom(...BREAKING), fc.constantFrom(...WANTED)).map(([by, wanted]) => by + wanted)

/** Good text with an attack somewhere in it. */
const attacked = (good: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(good, attack, fc.nat()).map(([text, evil, at]) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + evil + text.slice(place)
  })

const FIELDS = ['name', 'value', 'path', 'domain', 'sameSite', 'maxAgeSeconds', 'expiresAt'] as const
type Field = (typeof FIELDS)[number]

const attempts: fc.Arbitrary<readonly [Field, string]> = fc.oneof(
  fc.tuple(fc.constant('name' as const), attacked(plainNames)),
  fc.tuple(fc.constant('value' as const), attacked(values)),
  fc.tuple(fc.constant('path' as const), attacked(paths)),
  fc.tuple(fc.constant('domain' as const), attacked(domains)),
  fc.tuple(fc.constant('sameSite' as const), attacked(fc.constantFrom('strict', 'lax'))),
  fc.tuple(fc.constantFrom('maxAgeSeconds' as const, 'expiresAt' as const), attacked(fc.constantFrom('0', '60'))),
)

test('F95 CK-6 ten thousand injections add no attribute that a foreign parser sees', () => {
  const reached = new Map<string, number>()
  const count = (outcome: string): void => void reached.set(outcome, (reached.get(outcome) ?? 0) + 1)
  fc.assert(
    fc.property(attempts, fc.boolean(), ([field, text], isByHand) => {
      const cookie = isByHand ? byHand(field, text) : byDefinition(field, text)
      if (cookie === undefined) return count(`${field} refused`)
      // What is not refused holds nothing that breaks out, and means to everyone what it means to us.
      const header = toSetCookie(cookie)
      expect(header).toMatch(/^[\x20-\x7e]*$/)
      for (const [parser, parse] of Object.entries(foreignParsers)) {
        expect(parse(header), `${parser}: ${header}`).toEqual(meant(cookie))
      }
      count(`${field} harmless`)
    }),
    settings(10_000),
  )
  console.log('F95:', Object.fromEntries([...reached].toSorted(([left], [right]) => left.localeCompare(right))))
  for (const field of FIELDS) expect(reached.get(`${field} refused`), field).toBeGreaterThan(0)
  // Quotes, backslashes and percent signs may stand where they break nothing.
  for (const field of ['name', 'value', 'path']) expect(reached.get(`${field} harmless`), field).toBeGreaterThan(0)
  for (const field of ['domain', 'sameSite', 'maxAgeSeconds', 'expiresAt'])
    expect(reached.has(`${field} harmless`), field).toBe(false)
})

/** Through the front door: a definition and a value. */
function byDefinition(field: Field, text: string): Cookie | undefined {
  return refusedOr(() => {
    const { value = 'v', ...options } = { name: 'sid', [field]: text } as { name: string; value?: string }
    const result = setCookie(defineCookie(options), value, { cookieHeader: null }, now)
    return result.ok ? result.cookies[0] : undefined
  })
}

/** Past it: a cookie that was put together by hand. */
function byHand(field: Field, text: string): Cookie | undefined {
  return refusedOr(() => {
    const { attributes } = defineCookie({ name: 'sid' })
    const cookie = { name: 'sid', value: 'v', attributes }
    const isPair = field === 'name' || field === 'value'
    const made = (
      isPair ? { ...cookie, [field]: text } : { ...cookie, attributes: { ...attributes, [field]: text } }
    ) as Cookie
    toSetCookie(made)
    return made
  })
}

function refusedOr(build: () => Cookie | undefined): Cookie | undefined {
  try {
    return build()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined
    throw error
  }
}
