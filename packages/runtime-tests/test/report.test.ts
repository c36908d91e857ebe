// What a run came to: nothing that a program prints makes a run good that did not end well.
import { expect, test } from 'vitest'
import { readMissing, readRun, tableOf, type Ending } from '../src/report.ts'
import { runtimes } from '../src/runtimes.ts'

const runtime = runtimes[0]!
const mode = runtime.modes[0]!
const lastLine = (report: object = {}): string =>
  JSON.stringify({ passedChecks: 2, failedChecks: 0, facts: mode.expected, ...report })
const read = (ending: Partial<Ending>) => {
  const stdout = `ok one\nok two\n${lastLine()}\n`
  return readRun(runtime, mode, { status: 0, stdout, stderr: '', ...ending }, 1)
}

test('a whole run counts its checks and what the packages chose and found', () => {
  expect(read({})).toMatchObject({ passedChecks: 6, failures: [] })
})

test.each([
  ['ends with an exit code', { status: 1, stderr: 'boom' }, /ended with 1: boom/],
  ['is ended by a signal', { status: 'SIGSEGV' }, /ended with SIGSEGV/],
  ['ends before its last line', { stdout: 'ok one\n' }, /ended with 0/],
  ['prints nothing', { stdout: '' }, /ended with 0/],
  ['lost a line', { stdout: `ok one\n${lastLine()}` }, /do not agree/],
  ['ran no check', { stdout: lastLine({ passedChecks: 0 }) }, /do not agree/],
  [
    'has a failed check',
    { stdout: `ok one\nnot ok two: no\n${lastLine({ passedChecks: 1, failedChecks: 1 })}` },
    /^not ok two: no$/,
  ],
  [
    'chose another hash',
    { stdout: `ok one\nok two\n${lastLine({ facts: { ...mode.expected, hash: 'portable' } })}` },
    /hash: chooses one-shot: it is portable/,
  ],
  [
    'verifies fewer algorithms at once',
    { stdout: `ok one\nok two\n${lastLine({ facts: { ...mode.expected, synchronous: ['HS256'] } })}` },
    /it is HS256, expected ES256/,
  ],
  [
    'lacks an algorithm that the runtime has',
    { stdout: `ok one\nok two\n${lastLine({ facts: { ...mode.expected, absent: ['dir A192GCM'] } })}` },
    /jwt: lacks what the runtime lacks: it is dir A192GCM, expected ML-DSA-44/,
  ],
])('a run that %s has failed', (_, ending, failure) => {
  const { failures } = read(ending)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatch(failure)
})

test('a runtime that is not there is a failure in CI, and elsewhere a skip that is seen', () => {
  expect(readMissing(runtime, true).map(({ failures }) => failures.length)).toEqual([1, 1])
  const skipped = readMissing(runtime, false)
  expect(skipped.flatMap(({ failures }) => failures)).toEqual([])
  expect(tableOf(skipped).split('\n')[0]).toMatch(/^SKIPPED +Node\.js 20 /)
  expect(tableOf([read({}), read({ status: 1 })])).toMatch(/^ok .* 6\/6 +1\.0 s\nFAILED .* 2\/3 /)
})
