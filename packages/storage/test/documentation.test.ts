// The page names every check of both suites, in their order, and no other.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { brokenAdapters } from '../src/broken-adapters.ts'
import type { ConformanceOptions } from '../src/conformance.ts'
import { recordStoreConformance, revocationLogConformance } from '../src/conformance.ts'
import * as faults from '../src/faults.ts'

const page = readFileSync(new URL('../../../docs/storage.md', import.meta.url), 'utf8')

/** The titles that a suite registers. */
function titlesOf(suite: (options: ConformanceOptions) => void): readonly string[] {
  const titles: string[] = []
  const never = (): Promise<never> => Promise.reject(new Error('no test is run here'))
  suite({ test: (title) => titles.push(title), create: never, faults: { createFailing: never, createCrashing: never } })
  return titles
}

/** The items of the list under a heading. */
function listUnder(heading: string): readonly string[] {
  const [, section = ''] = page.split(`### ${heading}\n`)
  const [list = ''] = section.split('\n#')
  return [...list.matchAll(/^- (.+(?:\n {2}.+)*)$/gm)].map(([, item = '']) => item.replaceAll(/\n +/g, ' '))
}

test.each([
  ['recordStoreConformance', recordStoreConformance],
  ['revocationLogConformance', revocationLogConformance],
] as const)('docs/storage.md lists what %s checks', (name, suite) => {
  const titles = titlesOf(suite)
  expect(new Set(titles).size, 'titles differ from each other').toBe(titles.length)
  expect(listUnder(name), titles.map((title) => `- ${title}`).join('\n')).toEqual(titles)
})

test('docs/storage.md says how many broken adapters there are', () => {
  const records = brokenAdapters.filter(({ suite }) => suite === 'records').length
  expect(page).toContain(`${records} record stores and ${brokenAdapters.length - records} logs`)
})

test('docs/storage.md and the README name every function that plants a fault', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  for (const name of Object.keys(faults)) {
    expect(page, name).toContain(`| \`${name}(`)
    expect(readme, name).toContain(`\`${name}\``)
  }
})
