// What is set is what is read, in a browser that keeps cookies by name; and any header at all is read or refused, never thrown at.
import { numericDate } from '@tallystick/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clearCookie, type Cookie, type CookieDefinition, readCookie, sessionCookie, setCookie } from '../src/index.ts'
import { nextHeaderBytes, parseCookieHeader } from '../src/header.ts'
import { values } from './arbitraries.ts'
import { settings } from './settings.ts'

const now = numericDate(1_800_000_000)
const definition: CookieDefinition = sessionCookie({
  name: 'sid',
  chunksMax: 4,
  headerBytesMax: 12_000,
  migratesFrom: [{ name: 'old', chunksMax: 2, until: numericDate(1_900_000_000) }],
})

/** A browser that does what Set-Cookie says, for cookies of one host and path. */
class Browser {
  readonly held = new Map<string, string>()
  take(cookies: readonly Cookie[]): void {
    if (new Set(cookies.map(({ name }) => name)).size < cookies.length) throw new Error('CK-6: a name stands twice')
    for (const { name, value, attributes } of cookies) {
      if (attributes.maxAgeSeconds === 0) this.held.delete(name)
      else this.held.set(name, value)
    }
  }
  get cookieHeader(): string {
    return [...this.held].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      value: values,
      lengthBytes: fc.noBias(fc.integer({ min: 0, max: 16_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('visit' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('neighbour' as const),
      name: fc.constantFrom('a', 'b', '__proto__'),
      value: values,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release before' as const), value: values }) },
)

test('CK-5 CK-6 after any history the last value is read, and the header is as long as was said', () => {
  const reached: Record<string, number> = {
    whole: 0,
    chunked: 0,
    shrunk: 0,
    refused: 0,
    cleared: 0,
    moved: 0,
    absent: 0,
  }
  const count = (outcome: string): number => (reached[outcome] = (reached[outcome] ?? 0) + 1)
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 12 }), (history) => {
      const browser = new Browser()
      let expected: string | undefined
      for (const step of history) {
        if (step.do === 'neighbour') browser.held.set(step.name, step.value)
        // A server of an earlier release sets its cookie, in a browser that never saw this one.
        if (step.do === 'release before' && expected === undefined) {
          browser.held.set('old', step.value)
          expected = step.value
        }
        if (step.do === 'clear') {
          browser.take(clearCookie(definition, browser, now))
          expected = undefined
          count('cleared')
        }
        if (step.do === 'set') {
          const value = step.value === '' ? '' : step.value.padEnd(step.lengthBytes, step.value)
          const chunksBefore = [...browser.held.keys()].filter((name) => name.startsWith('sid.')).length
          const result = setCookie(definition, value, browser, now)
          if (!result.ok) {
            expect(['cookie/budget_exceeded', 'cookie/value_too_long']).toContain(result.reason)
            count('refused')
            continue
          }
          browser.take(result.cookies)
          expect(result.headerBytes).toBe(`Cookie: ${browser.cookieHeader}`.length)
          const chunksAfter = [...browser.held.keys()].filter((name) => name.startsWith('sid.')).length
          if (chunksAfter < chunksBefore) count('shrunk')
          count(chunksAfter > 0 ? 'chunked' : 'whole')
          expected = value
        }
        const reading = readCookie(definition, browser, now)
        if (!reading.ok) throw new Error(reading.reason)
        expect(reading.value).toBe(expected)
        if (reading.source === 'migrated') count('moved')
        if (reading.source === 'absent') count('absent')
        if (step.do === 'visit') {
          browser.take(reading.cookies)
          expect(browser.held.has('old')).toBe(false)
        }
      }
    }),
    settings(600),
  )
  console.log('round trips:', reached)
  for (const [outcome, times] of Object.entries(reached)) expect(times, outcome).toBeGreaterThan(0)
})

test('F96 any text is a Cookie header: it is read or refused, and never thrown at', () => {
  const piece = fc.constantFrom(
    'sid',
    'sid.0',
    'sid.1',
    'sid.99',
    'old',
    '=',
    ';',
    '; ',
    ',',
    '"',
    '\\',
    ' ',
    '\t',
    '\0',
    '\r\n',
    '\u00e9',
    '\u20ac',
    '2.AAAAAAAAAAAA.x',
    '__proto__',
    'a',
  )
  const mess = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('x', '"x"', '2.AAAAAAAAAAAA.x') },
    { weight: 1, arbitrary: mess },
  )
  const pair = fc
    .tuple(fc.constantFrom('sid', 'sid.0', 'sid.1', 'old', '__proto__', 'a'), value)
    .map((both) => both.join('='))
  const texts = fc.oneof(
    { weight: 4, arbitrary: fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.join('; ')) },
    { weight: 2, arbitrary: mess },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  )
  const reached: Record<string, number> = {
    value: 0,
    absent: 0,
    'cookie/duplicate': 0,
    'cookie/malformed': 0,
    'cookie/chunks_mixed': 0,
    'cookie/chunks_stale': 0,
    'cookie/chunks_incomplete': 0,
  }
  fc.assert(
    fc.property(texts, (cookieHeader) => {
      const reading = readCookie(definition, { cookieHeader }, now)
      const outcome = reading.ok ? (reading.value === undefined ? 'absent' : 'value') : reading.reason
      reached[outcome] = (reached[outcome] ?? 0) + 1
      if (reading.ok && reading.value !== undefined) expect(reading.value).toMatch(/^[\x21-\x7e]*$/)
      const parsed = parseCookieHeader(cookieHeader)
      // What is parsed is never longer than what was sent.
      if (parsed.ok) expect(nextHeaderBytes(parsed.cookies, [])).toBeLessThanOrEqual(8 + 3 * cookieHeader.length)
      clearCookie(definition, { cookieHeader }, now)
    }),
    settings(5000),
  )
  console.log('any text:', reached)
  for (const [outcome, times] of Object.entries(reached)) expect(times, outcome).toBeGreaterThan(0)
})
