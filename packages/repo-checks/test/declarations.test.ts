// Doc comments on everything exported, units on everything numeric, index files that hold names only.
import { expect, test } from 'vitest'
import { checkDocComments, checkIndexes, checkUnits, hasUnit } from '../src/declarations.ts'
import { checkLintConfig } from '../src/lint-config.ts'
import { expectCaught, expectNone, planted, repository, sources, withEdited, type Editable } from './planting.ts'

const PATH = 'packages/core/src/a.ts'

test('every exported symbol has a doc comment', () => {
  expectNone(checkDocComments(sources))
})

test('every exported number names its unit', () => {
  expectNone(checkUnits(sources))
})

test('index files hold names only, at most thirteen values', () => {
  expectNone(checkIndexes(sources))
})

test('the linter holds function length, branches, parameters and the type-aware rules', () => {
  expectNone(checkLintConfig(repository))
})

test.each(['function a() {}', 'const a = 1', 'type A = 1', 'interface A {}', 'class A {}', 'enum A {}'])(
  'an undocumented export is caught: %s',
  (text) => {
    expectCaught(checkDocComments([planted(PATH, `export ${text}`)]), 'without a doc comment')
    expectCaught(checkDocComments([planted(PATH, `// A line comment is none.\nexport ${text}`)]), 'without a doc')
    expectNone(checkDocComments([planted(PATH, `/** What it is. */\nexport ${text}`)]))
    expectNone(checkDocComments([planted(PATH, text)]))
  },
)

test('the first overload carries the doc comment of all', () => {
  const text =
    '/** Adds. */\nexport function a(b: 1): 1\nexport function a(b: 2): 2\nexport function a(b: 1 | 2) { return b }'
  expectNone(checkDocComments([planted(PATH, text)]))
})

test.each([
  'export interface Policy { readonly lifetime: number }',
  'export interface Policy { readonly idleTimeout?: number | undefined }',
  'export type Policy = { readonly nested: { readonly timeout: number } }',
  'export const TIMEOUT = 30',
  'export const defaults = { gracePeriod: 10 }',
  'export const limits = { size: 16 * 1024 }',
  'export const max: number = compute()',
  'export class Bus { readonly capacity: number = 3 }',
])('a number without a unit is caught: %s', (text) => {
  expectCaught(checkUnits([planted(PATH, text)]), 'the last word is its unit')
})

test('units, plurals and limits after them pass', () => {
  for (const name of ['lifetimeSeconds', 'tokenLifetimeSecondsMax', 'attemptsMax', 'POOL_BYTES', 'CALL_BYTES_MAX'])
    expect(hasUnit(name), name).toBe(true)
  for (const name of ['lifetime', 'max', 'timeoutMax', 'LIMIT', 'access']) expect(hasUnit(name), name).toBe(false)
})

test('numbers inside a function body and of a branded type are nobody else’s business', () => {
  const text = 'export function f(): void { const x = 1 }\nexport interface A { readonly issuedAt: NumericDate }'
  expectNone(checkUnits([planted(PATH, text)]))
})

test('logic, a star, or a thirteenth value in an index is caught', () => {
  const index = (text: string) => checkIndexes([planted('packages/core/src/index.ts', text)])
  expectCaught(index(`export const a = 1`), 'holds more than')
  expectCaught(index(`import './a.ts'`), 'holds more than')
  expectCaught(index(`export * from './a.ts'`), 'holds more than')
  const names = Array.from({ length: 13 }, (_, at) => `a${at}`).join(', ')
  expectNone(index(`export { ${names}, type B } from './a.ts'\nexport type { C } from './c.ts'`))
  expectCaught(index(`export { ${names}, b } from './a.ts'`), '14 values')
})

test('a limit that was loosened, switched off or overridden for sources is caught', () => {
  const edited = (change: (config: Editable) => void) => checkLintConfig(withEdited('.oxlintrc.json', change))
  expectCaught(
    edited(({ rules }) => (rules['max-lines-per-function'][1].max = 61)),
    'max-lines-per-function',
  )
  expectCaught(
    edited(({ rules }) => (rules['import/no-cycle'] = 'off')),
    'import/no-cycle',
  )
  expectCaught(
    edited(({ options }) => (options.typeAware = false)),
    'typeAware',
  )
  const override = { files: ['packages/*/src/**'], rules: { complexity: 'off' } }
  expectCaught(
    edited(({ overrides }) => overrides.push(override)),
    'overrides a limit',
  )
})
