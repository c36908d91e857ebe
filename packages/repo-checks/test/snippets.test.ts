// The documentation's code: taken out whole, with its line numbers, and with its expectations turned into assertions.
import { expect, test } from 'vitest'
import { examplesOf, namesOf } from '../src/examples.ts'
import { snippetsOf } from '../src/snippets.ts'
import { expectCaught, expectNone, planted } from './planting.ts'

const fence = '```'
const page = (...lines: string[]) => snippetsOf(planted('docs/a.md', lines.join('\n')))
const lineOf = (text: string, line: number) => text.split('\n')[line - 1]

test('each ts block is a module of its own, and keeps its line numbers', () => {
  const { snippets, violations } = page('# A', '', `${fence}ts`, 'const a = 1', fence, `${fence}ts`, 'a', fence)
  expectNone(violations)
  expect(snippets.map(({ line }) => line)).toEqual([4, 7])
  expect(lineOf(snippets[0]!.text, 4)).toBe('const a = 1')
  expect(snippets[1]!.text).not.toContain('const a')
})

test('a block that continues is one module with the block before it', () => {
  const { snippets } = page(`${fence}ts`, 'const a = 1', fence, 'and', `${fence}ts`, '// continues', 'a', fence)
  expect(snippets).toHaveLength(1)
  expect(lineOf(snippets[0]!.text, 2)).toBe('const a = 1')
  expect(lineOf(snippets[0]!.text, 7)).toBe('a')
  expectCaught(page(`${fence}ts`, '// continues', fence).violations, 'no block stands before it')
})

test('a block that is not run says why, and one in another spelling is caught', () => {
  const { snippets } = page(`${fence}ts no-run needs a Redis server`, 'const a = 1', fence)
  expect(snippets[0]?.notRun).toBe('needs a Redis server')
  expectCaught(page(`${fence}ts no-run`, fence).violations, 'without saying why')
  expectCaught(page(`${fence}ts maybe`, fence).violations, 'unknown mark')
  for (const language of ['typescript', 'js', 'javascript'])
    expectCaught(page(`${fence}${language}`, fence).violations, 'say ts')
  expect(page(`${fence}json`, '{}', fence)).toEqual({ snippets: [], violations: [] })
})

test('an expectation becomes an assertion on the same line', () => {
  const { snippets, violations } = page(
    `${fence}ts`,
    "a.outcome // => 'accepted'",
    'f(',
    '  1,',
    ') // => { ok: true, … }',
    'const b = g() // => [1]',
    'await h() // => throws RangeError',
    "if (a) { a.b // => 'c'",
    '}',
    fence,
  )
  expectNone(violations)
  const { text } = snippets[0]!
  expect(lineOf(text, 2)).toMatch(/^expectValue\(\(a\.outcome\), \('accepted'\), "docs\/a\.md:2"\); \/\/ =>/)
  expect(lineOf(text, 3)).toBe('expectMembers((f(')
  expect(lineOf(text, 5)).toMatch(/^\)\), \(\{ ok: true \}\), "docs\/a\.md:5"\)/)
  expect(lineOf(text, 6)).toMatch(/^const b = g\(\); expectValue\(b, \(\[1\]\), /)
  expect(lineOf(text, 7)).toMatch(/^await expectThrow\(async \(\) => \(await h\(\)\), \("RangeError"\), /)
  expect(lineOf(text, 8)).toContain("expectValue((a.b), ('c'), ")
})

test('an expectation that asserts nothing is caught', () => {
  expectCaught(page(`${fence}ts`, 'a // => the successor', fence).violations, 'expects no value')
  expectCaught(page(`${fence}ts`, '// => 1', fence).violations, 'after no statement')
})

test('an example of a doc comment imports the free names that are known, nearest first', () => {
  const example = [
    '/**',
    ' * Adds.',
    ' *',
    ' * @example',
    ' * const b = add({ now: 1 }, now)',
    ' * b // => 3',
    ' * @see more',
    ' */',
  ]
  const file = planted('packages/core/src/a.ts', [...example, 'export function add() {}'].join('\n'))
  const far = planted('docs/givens.ts', 'export const now = 1\nexport const add = 2\nexport interface b {}')
  const { snippets, violations } = examplesOf(file, [...namesOf(file, '../a.ts'), ...namesOf(far, './givens.ts')])
  expectNone(violations)
  expect(snippets.map(({ line }) => line)).toEqual([5])
  expect(lineOf(snippets[0]!.text, 1)).toBe('import { add } from "../a.ts"; import { now } from "./givens.ts";')
  expect(lineOf(snippets[0]!.text, 6)).toMatch(/^expectValue\(\(b\), \(3\)/)
})
