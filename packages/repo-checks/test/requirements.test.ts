// Requirement ids in test titles: known ones only, and the page that lists them is current.
import { expect, test } from 'vitest'
import {
  checkCitations,
  citationsIn,
  idsOf,
  requirementsPage,
  requirementsPagePath,
  sectionsOf,
} from '../src/requirements.ts'
import { expectCaught, expectNone, planted, repository } from './planting.ts'

const PATH = 'packages/core/test/planted.test.ts'
const cited = (text: string, path = PATH) =>
  citationsIn([planted(path, text)], new Set(['RT', 'JW', 'TSL', 'A', 'W'])).map(({ id }) => id)

test('docs/requirements.md is what the test titles say (pnpm docs:fix writes it)', () => {
  const page = repository.find(({ path }) => path === requirementsPagePath)
  expect(page?.text === requirementsPage(repository), 'run `pnpm docs:fix` and commit docs/requirements.md').toBe(true)
})

test('titles cite ids of the list only', () => {
  expectNone(checkCitations(repository))
})

test('the list has every section, attack and known weakness once', () => {
  const ids = idsOf(sectionsOf(repository))
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ['JW-31', 'RT-19', 'TSL-11', 'MO-3', 'A38', 'W99']) expect(ids).toContain(id)
  for (const { items } of sectionsOf(repository)) expect(items.filter((item) => item.trim() === '')).toEqual([])
})

test('an id that does not exist is caught', () => {
  const wrong = [...repository, planted(PATH, `test('RT-99 nothing', () => {})`)]
  expectCaught(checkCitations(wrong), 'cites RT-99')
})

test('a page that has fallen behind is another text', () => {
  const later = [...repository, planted(PATH, `test('DB-8 a session works without a binding', () => {})`)]
  expect(requirementsPage(later)).not.toBe(requirementsPage(repository))
  expect(requirementsPage(later)).toMatch(/\| DB-8 \| .* \| .*core\/planted\.test\.ts/)
})

test('ids are found in titles of every form, several at once, and F counts as W', () => {
  expect(cited(`test('RT-3 A17 a replayed token revokes its family', () => {})`)).toEqual(['RT-3', 'A17'])
  expect(cited(`describe('F67, W68 rotation', () => {})`)).toEqual(['W67', 'W68'])
  expect(cited('test(`JW-9 ${name} is refused`, () => {})')).toEqual(['JW-9'])
  expect(cited(`test.each([1])('TSL-3 index %s', () => {})`)).toEqual(['TSL-3'])
  expect(cited(`const rows = [['RT-4 other client', 1]]`)).toEqual(['RT-4'])
  expect(cited(`test('RT-4 races', () => {})`, 'packages/storage/src/conformance.ts')).toEqual(['RT-4'])
  expect(cited(`test('RT-4 races', () => {})`, 'docs/examples/express/a.test.ts')).toEqual(['RT-4'])
})

test('algorithm names and ids outside of titles do not count', () => {
  expect(cited(`test('ES256 and A256GCM and SHA-256 and ML-DSA', () => {})`)).toEqual([])
  expect(cited(`const text = 'as RT-3 says'`)).toEqual([])
  expect(cited(`test('RT-3 in the sources', () => {})`, 'packages/core/src/a.ts')).toEqual([])
})
