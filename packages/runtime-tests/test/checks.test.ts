// The suite's own runner: a check that fails is told, counted, and stops no other.
import { expect, test } from 'vitest'
import { runChecks, same, throws } from '../src/suite/checks.ts'

test('a check that throws or rejects is not ok, and the others still run', async () => {
  const lines: string[] = []
  const outcome = await runChecks(
    (check) => {
      check('one', () => undefined)
      check('two', () => {
        throw new TypeError('wrong\nway')
      })
      check('three', () => Promise.reject(Object.assign(new Error('late'), { code: 'ERR_X' })))
      check('four', () => Promise.resolve())
    },
    (line) => void lines.push(line),
  )
  expect(outcome).toEqual({ passedChecks: 2, failedChecks: 2 })
  expect(lines).toEqual(['ok one', 'not ok two: TypeError: wrong way', 'not ok three: Error ERR_X: late', 'ok four'])
})

test('values are the same by content: bytes of any kind, undefined told from absent and null', () => {
  same({ a: [1, undefined] }, { a: [1, undefined] })
  same(Buffer.from([1, 2]).subarray(1), Buffer.from([2]))
  for (const [left, right] of [
    [undefined, null],
    [Uint8Array.of(1), Uint8Array.of(2)],
    [{ a: undefined }, {}],
    ['1', 1],
  ])
    expect(() => same(left, right)).toThrow(/expected/)
})

test('a call that must throw fails its check where it answers or throws something else', async () => {
  await throws(() => Promise.reject(new RangeError('at least 32')), /^RangeError: at least 32$/)
  await expect(throws(() => 'fine', /Error/)).rejects.toThrow('it answered "fine"')
  await expect(throws(() => JSON.parse('{'), /^RangeError/)).rejects.toThrow('it threw SyntaxError')
})
