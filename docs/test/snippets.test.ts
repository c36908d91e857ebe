// Every ts block of the README and the docs, and every @example, is type-checked and run.
import { formatViolations } from '@tallystick/repo-checks'
import { describe, expect, test } from 'vitest'
import { exampleSnippets, pageSnippets, writeSnippets } from './snippet-modules.ts'

describe.each([
  ['pages', pageSnippets()],
  ['examples', exampleSnippets()],
] as const)('%s', (name, { snippets, violations }) => {
  test('every block can be checked', () => {
    expect(formatViolations(violations)).toBe('')
    expect(snippets.length).toBeGreaterThan(0)
  })

  for (const { path, line, file, notRun, typeErrors } of writeSnippets(name, snippets)) {
    test(`${path}:${line} ${notRun === undefined ? 'runs' : `compiles (not run: ${notRun})`}`, async () => {
      expect(typeErrors.join('\n')).toBe('')
      if (notRun === undefined) await import(/* @vite-ignore */ file)
    })
  }
})
