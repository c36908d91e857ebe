// Every prefix in every spelling with every set of attributes, against a second statement of the rules.
import { describe, expect, test } from 'vitest'
import { defineCookie } from '../src/index.ts'

const CORES = ['secure', 'host', 'http', 'host-http'] as const
type Core = (typeof CORES)[number]

interface Case {
  readonly name: string
  readonly core: Core | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly path: string
  readonly domain: string | undefined
}

/** What each prefix promises, as sets of words: the drafts' tables rather than the code's conditions. */
const PROMISES: Readonly<Record<Core, readonly string[]>> = {
  secure: ['secure'],
  http: ['secure', 'httpOnly'],
  host: ['secure', 'rootPath', 'noDomain'],
  'host-http': ['secure', 'httpOnly', 'rootPath', 'noDomain'],
}

function isKept({ core, secure, httpOnly, path, domain }: Case): boolean {
  const facts = new Set<string>()
  if (secure) facts.add('secure')
  if (httpOnly) facts.add('httpOnly')
  if (path === '/') facts.add('rootPath')
  if (domain === undefined) facts.add('noDomain')
  return core === undefined || PROMISES[core].every((promise) => facts.has(promise))
}

/** Spellings that all are the prefix to a browser. */
function spellings(core: Core): readonly string[] {
  const lower = `__${core}-`
  const usual = lower.replace(/(^__|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
  const wobbling = [...lower].map((letter, at) => (at % 2 === 0 ? letter.toUpperCase() : letter)).join('')
  return [usual, lower, lower.toUpperCase(), wobbling]
}

/** Names that only look like a prefix. */
const NEARLY = ['__Host', '_Host-', '__Hos-', '__Secure', '__Https-', '__HostHttp-', '-__Host-', 'x__Host-Http-']

const names: ReadonlyArray<readonly [string, Core | undefined]> = [
  ...CORES.flatMap((core) => spellings(core).map((prefix) => [`${prefix}sid`, core] as const)),
  ...NEARLY.map((prefix) => [`${prefix}sid`, undefined] as const),
]

test('CK-3 A28 a prefix in any spelling is refused exactly where its promises are not kept', () => {
  const reached = { accepted: 0, refused: 0 }
  for (const [name, core] of names) {
    for (const secure of [true, false]) {
      for (const httpOnly of [true, false]) {
        for (const path of ['/', '/app']) {
          for (const domain of [undefined, 'example.com']) {
            const kept = isKept({ name, core, secure, httpOnly, path, domain })
            const define = (): unknown => defineCookie({ name, secure, httpOnly, path, domain })
            const shown = JSON.stringify({ name, secure, httpOnly, path, domain })
            if (kept) expect(define, shown).not.toThrow()
            else expect(define, shown).toThrow(TypeError)
            reached[kept ? 'accepted' : 'refused'] += 1
          }
        }
      }
    }
  }
  console.log(`CK-3: ${names.length} names × 16 sets of attributes, ${JSON.stringify(reached)}`)
  expect(reached).toEqual({ accepted: 188, refused: 196 })
})

describe('CK-3 the examples of the draft', () => {
  test.each([
    ['__Secure-SID', { secure: false, domain: 'site.example' }, false],
    ['__Secure-SID', { secure: true, domain: 'site.example' }, true],
    ['__secure-SID', { secure: false, domain: 'site.example' }, false],
    ['__SECURE-SID', { secure: false, domain: 'site.example' }, false],
    ['__SeCuRe-SID', { secure: true, domain: 'site.example' }, true],
    ['__Host-SID', { secure: false, path: '/elsewhere' }, false],
    ['__Host-SID', { secure: true, path: '/elsewhere' }, false],
    ['__Host-SID', { secure: false, domain: 'site.example' }, false],
    ['__Host-SID', { secure: false, domain: 'site.example', path: '/' }, false],
    ['__Host-SID', { secure: true, domain: 'site.example', path: '/' }, false],
    ['__Host-SID', { secure: true, path: '/' }, true],
    ['__hOsT-SID', { secure: true, domain: 'site.example', path: '/' }, false],
    ['__Http-SID', { secure: true, httpOnly: false }, false],
    ['__Http-SID', { secure: true, httpOnly: true, domain: 'site.example' }, true],
    ['__Host-Http-SID', { secure: true, httpOnly: false, path: '/' }, false],
    ['__Host-Http-SID', { secure: true, httpOnly: true, path: '/' }, true],
  ])('%s %o: %s', (name, attributes, isAccepted) => {
    const define = (): unknown => defineCookie({ name, ...attributes })
    if (isAccepted) expect(define).not.toThrow()
    else expect(define).toThrow(TypeError)
  })
})

test.each(['__Host-', '__Http-', '__Secure-', '__Host-Http-'])('CK-3 %s alone is no name', (name) => {
  expect(() => defineCookie({ name })).toThrow(/must go on after the prefix/)
})
