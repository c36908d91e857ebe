// Stored records: what cannot be read is a failure that shows nothing of it.
import { expect, test } from 'vitest'
import type { OptionsSchema } from '../src/options.ts'
import { readRecord } from '../src/records.ts'

const versionOne: OptionsSchema<{ v: 1 }> = {
  '~standard': {
    validate: (value) =>
      (value as { v?: unknown } | undefined)?.v === 1 ? { value: value as { v: 1 } } : { issues: [{ message: 'v' }] },
  },
}

test('a record of a known version is read', () => {
  expect(readRecord(versionOne, '{"v":1,"a":"b"}', 'family')).toEqual({ v: 1, a: 'b' })
})

test.each(['', '{', 'null', '[]', '{"v":2,"secret":"x"}', '{"v":"1"}', '\u0000'])(
  'MO-1 damage and unknown versions are a failure: %s',
  (text) => {
    expect(() => readRecord(versionOne, text, 'family')).toThrow(
      expect.objectContaining({
        code: 'ERR_STORAGE_CORRUPT',
        retryable: false,
        message: 'a stored family cannot be read or has an unknown version',
      }),
    )
  },
)

test('a schema that answers later cannot read a record', () => {
  const later = { '~standard': { validate: () => Promise.resolve({}) } }
  expect(() => readRecord(later, '{"v":1}', 'family')).toThrow('cannot be read')
})

// oxlint-disable-next-line unicorn/no-thenable -- what is tested is a thenable
const THEN = 'then'

test.each([
  ['a thenable', { [THEN]: () => undefined, value: { v: 1 } }],
  ['nothing', undefined],
  ['null', null],
  ['yes', true],
  ['an empty object', {}],
  ['an Error', new Error('no')],
])('W99 a schema that answers with %s has read no record', (_, answer) => {
  const schema = { '~standard': { validate: () => answer as never } }
  expect(() => readRecord(schema, '{"v":1}', 'family')).toThrow(
    expect.objectContaining({ code: 'ERR_STORAGE_CORRUPT' }),
  )
})
