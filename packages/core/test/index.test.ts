// The vocabulary's table of contents.
import { expect, test } from 'vitest'
import * as core from '../src/index.ts'

test('the package exports these names', () => {
  expect(Object.keys(core).toSorted()).toEqual([
    'TokenError',
    'failures',
    'isTokenError',
    'numericDate',
    'orThrow',
    'plusSeconds',
  ])
})
