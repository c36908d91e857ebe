// Mistakes: which field, what was given, what is allowed; never a secret.
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  describeGiven,
  discardPromise,
  mistake,
  type OptionsSchema,
  readOptions,
  type SchemaIssue,
  secretMistake,
} from '../src/options.ts'

// oxlint-disable-next-line unicorn/no-thenable -- what is tested is a thenable
const THEN = 'then'

/** A schema that finds the given issue. */
const finds = (...issues: readonly SchemaIssue[]): OptionsSchema<unknown> => ({
  '~standard': { validate: () => ({ issues }) },
})

describe('readOptions', () => {
  test('gives what the schema gives', () => {
    expect(readOptions({ '~standard': { validate: () => ({ value: 7 }) } }, 'x', 'owner')).toBe(7)
  })

  test('names the field of the first issue, what was given there and what is allowed', () => {
    const schema = finds(
      { message: 'must be 0 to 60', path: ['policy', { key: 'gracePeriodSeconds' }] },
      { message: 'other' },
    )
    expect(() => readOptions(schema, { policy: { gracePeriodSeconds: 61 } }, 'createTokenServer')).toThrow(
      new RangeError('createTokenServer: policy.gracePeriodSeconds must be 0 to 60 (given 61)'),
    )
  })

  test('speaks of the argument where the issue has no path, and of undefined where the path leads nowhere', () => {
    expect(() => readOptions(finds({ message: 'must be an object' }), 'x', 'f')).toThrow(
      'f: the argument must be an object (given "x")',
    )
    expect(() => readOptions(finds({ message: 'is wrong', path: ['a', 'b', 'c'] }), {}, 'f')).toThrow(
      'f: a.b.c is wrong (given undefined)',
    )
  })

  test('MO-1 shows of a secret field its kind alone, also of what lies in it', () => {
    const given = { keys: ['very secret text'], bytes: new Uint8Array(31) }
    expect(() => readOptions(finds({ message: 'is wrong', path: ['keys', 0] }), given, 'f', ['keys'])).toThrow(
      'f: keys.0 is wrong (given a string of 16 characters)',
    )
    expect(() => readOptions(finds({ message: 'is wrong', path: ['bytes'] }), given, 'f', ['bytes'])).toThrow(
      '(given 31 bytes)',
    )
  })

  test('a schema that is asynchronous is a mistake itself', () => {
    const schema = { '~standard': { validate: () => Promise.resolve({ value: 1 }) } }
    expect(() => readOptions(schema, {}, 'f')).toThrow('f: the schema of the options must be synchronous')
  })

  test.each([
    ['a thenable', { [THEN]: (resolve: (answer: unknown) => void) => resolve({ value: 1 }) }],
    ['a promise of another realm', runInNewContext('Promise.resolve({ value: 1 })')],
  ])('W99 a schema that answers with %s is asynchronous too', (_, answer) => {
    expect(() => readOptions({ '~standard': { validate: () => answer } }, {}, 'f')).toThrow(
      'f: the schema of the options must be synchronous',
    )
  })

  test.each([
    undefined,
    null,
    true,
    'no',
    {},
    new Error('no'),
    { issues: 'no', value: 1 },
    Object.create({ value: 1 }),
  ])('W99 an answer that is neither a value nor issues accepts nothing: %s', (answer) => {
    expect(() => readOptions({ '~standard': { validate: () => answer as never } }, {}, 'f')).toThrow(
      'f: the schema of the options must answer with a value or issues',
    )
  })

  test('W55 a promise that nobody awaits and that rejects ends no process', async () => {
    const unheard: unknown[] = []
    const note = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', note)
    const schema = { '~standard': { validate: () => Promise.reject(new Error('down')) } }
    expect(() => readOptions(schema, {}, 'f')).toThrow('must be synchronous')
    expect(discardPromise(7)).toBe(false)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unheard).toEqual([])
  })
})

test.each([
  [7, '7'],
  [true, 'true'],
  [null, 'null'],
  [undefined, 'undefined'],
  ['text', '"text"'],
  ['a "quoted"\n text', String.raw`"a \"quoted\"\n text"`],
  [`some words ${'of text '.repeat(9)}`, '"some words of text of text of text of te…"'],
  [[1, 2], 'an array of 2'],
  [{ a: 1 }, 'an object'],
  [() => 1, 'a function'],
  [5n, 'a bigint'],
  [new Uint8Array(3), '3 bytes'],
  [Symbol('x'), 'a symbol'],
])('what was given is described shortly: %s', (given, described) => {
  expect(describeGiven(given)).toBe(described)
})

test.each([
  'trt_AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAB',
  'eyJhbGciOiJIUzI1NiJ9eyJhbGci.eyJz',
  'deadbeefdeadbeefdeadbeef',
  `{"k":"${'s'.repeat(22)}"}`,
])('MO-1 text of a credential’s shape in a wrong place is described by its length alone', (given) => {
  expect(describeGiven(given)).toBe(`a string of ${given.length} characters`)
})

test('a wrong number is a RangeError, anything else a TypeError', () => {
  expect([mistake('f', 'a', 'must be 1', 2), mistake('f', 'a', 'must be 1', '2')].map(({ name }) => name)).toEqual([
    'RangeError',
    'TypeError',
  ])
  expect(secretMistake('f', '', 'must be 1', 'secret text').message).toBe(
    'f: the argument must be 1 (given a string of 11 characters)',
  )
})
