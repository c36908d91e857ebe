// Names, lengths, opening sentences and forbidden words of files.
import { expect, test } from 'vitest'
import { checkLengths, checkNames, checkOpenings, checkWords, lengthLimits } from '../src/text-rules.ts'
import { expectCaught, expectNone, planted, repository, sources } from './planting.ts'

const lines = (count: number): string => 'const a = 1\n'.repeat(count)

test('no file is named for having no subject', () => {
  expectNone(checkNames(repository))
})

test('files are short: at most 350 lines, nine of ten at most 220, the middle one at most 120', () => {
  expectNone(checkLengths(sources))
})

test('every source file opens with a sentence that says what it holds', () => {
  expectNone(checkOpenings([...sources, ...repository.filter(({ path }) => /^(scripts\/.*|[^/]+\.ts)$/.test(path))]))
})

test('nothing is left undone, no test is switched off, nothing names the place of writing', () => {
  expectNone(checkWords(repository))
})

test('a file or folder named utils, helpers, common, misc or shared is caught', () => {
  for (const path of ['utils.ts', 'helper.ts', 'common/a.ts', 'misc.test.ts', 'shared.json'])
    expect(checkNames([planted(`packages/core/src/${path}`, '')]).map(({ message }) => message)).toContain(
      'is named for no subject (utils, helpers, common, misc, shared)',
    )
  expectNone(checkNames([planted('packages/core/src/common-knowledge.ts', '')]))
})

test('a file name that is not kebab-case is caught, and a test outside a test folder', () => {
  expectCaught(checkNames([planted('packages/core/src/numericDate.ts', '')]), 'kebab-case')
  expectCaught(checkNames([planted('packages/core/src/a.test.ts', '')]), 'outside a test folder')
  expectNone(checkNames([planted('docs/examples/express/a.test.ts', '')]))
})

test('one line too many is caught, and so is a house of files that are all rather long', () => {
  const { linesMax, medianLinesMax, ninthDecileLinesMax } = lengthLimits
  const short = Array.from({ length: 99 }, (_, at) => planted(`packages/core/src/a${at}.ts`, lines(10)))
  expectNone(checkLengths([...short, planted('packages/core/src/z.ts', lines(linesMax))]))
  expectCaught(checkLengths([...short, planted('packages/core/src/z.ts', lines(linesMax + 1))]), '351 lines')
  const of = (length: number) => (file: { path: string }) => planted(file.path, lines(length))
  expectCaught(checkLengths(short.map(of(medianLinesMax + 1))), 'median file of 121')
  expectCaught(
    checkLengths([...short.slice(0, 80), ...short.slice(80).map(of(ninthDecileLinesMax + 1))]),
    'ninth decile of 221',
  )
})

test('a missing opening is caught, and one that is no sentence', () => {
  const opening = (text: string) => checkOpenings([planted('packages/core/src/a.ts', text)])
  expectCaught(opening(`import a from './a.ts'\n// Too late to say what this file holds.`), 'does not open')
  expectCaught(opening('// Helpers\n'), 'does not open')
  expectCaught(opening('/** A doc comment of a symbol, not of the file. */'), 'does not open')
  expectNone(opening('#!/usr/bin/env node\n// The command line: keys, inspect, doctor.\n'))
})

test('undone work, switched-off tests and the place of writing are caught', () => {
  const words = (parts: readonly string[], path = 'packages/core/test/a.test.ts') =>
    checkWords([planted(path, parts.join(''))])
  expectCaught(words(['// TO', 'DO: later']), 'leaves work undone')
  for (const off of ['skip', 'only', 'todo']) expectCaught(words(['test.', off, '("later")']), 'switches tests off')
  expectCaught(words(['see /', 'work/main'], 'docs/index.md'), 'names the place')
  expectCaught(words(['run far', 'm-query'], 'README.md'), 'names the place')
  expectNone(words(['a server farm, and work in progress'], 'README.md'))
})
