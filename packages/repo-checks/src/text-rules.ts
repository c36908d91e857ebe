// Checks on files as text: their names, sizes and first line, and words that may not stand in the repository.
import type { SourceFile, Violation } from './violation.ts'

/** Longest source file, and the lengths that the middle file and nine of ten files may have, in lines. */
export const lengthLimits = { linesMax: 350, ninthDecileLinesMax: 220, medianLinesMax: 120 } as const

/** Files named for having no subject. */
export function checkNames(files: readonly SourceFile[]): readonly Violation[] {
  return files.flatMap(({ path }) => {
    const wrong: Violation[] = []
    if (path.split('/').some((step) => FORBIDDEN_NAMES.test(step.replace(/\..*$/, ''))))
      wrong.push({ path, message: 'is named for no subject (utils, helpers, common, misc, shared)' })
    const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/.test(path.split('/').at(-1) ?? '')
    if (path.endsWith('.ts') && !isKebab) wrong.push({ path, message: 'is not named in kebab-case' })
    if (path.endsWith('.test.ts') && !/^((packages\/[^/]+|docs|benchmarks)\/test|docs\/examples)\//.test(path))
      wrong.push({ path, message: 'is a test outside a test folder' })
    return wrong
  })
}

/** Files longer than the limit, and a median or ninth decile above theirs. */
export function checkLengths(sources: readonly SourceFile[]): readonly Violation[] {
  const lengths = sources.map(({ text }) => linesOf(text).length).toSorted((left, right) => left - right)
  const { linesMax, medianLinesMax, ninthDecileLinesMax } = lengthLimits
  const wrong = sources
    .filter(({ text }) => linesOf(text).length > linesMax)
    .map(({ path, text }) => ({ path, message: `has ${linesOf(text).length} lines; ${linesMax} at most` }))
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0
  const ninthDecile = lengths[Math.floor(lengths.length * 0.9)] ?? 0
  if (median > medianLinesMax)
    wrong.push({ path: 'packages', message: `have a median file of ${median} lines; ${medianLinesMax} at most` })
  if (ninthDecile > ninthDecileLinesMax)
    wrong.push({
      path: 'packages',
      message: `have a ninth decile of ${ninthDecile} lines; ${ninthDecileLinesMax} at most`,
    })
  return wrong
}

/** Source files that do not open with a comment sentence saying what they hold. */
export function checkOpenings(sources: readonly SourceFile[]): readonly Violation[] {
  return sources.flatMap(({ path, text }) => {
    const lines = linesOf(text.replace(/^#!.*\n/, ''))
    const end = lines.findIndex((line) => !line.startsWith('//'))
    const opening = lines.slice(0, end < 0 ? lines.length : end).map((line) => line.replace(/^\/\/ ?/, ''))
    const isSentence = /^[A-Z0-9`'"].{20,}[.:]/.test(opening.join(' '))
    return isSentence ? [] : [{ path, line: 1, message: 'does not open with a `//` sentence that says what it holds' }]
  })
}

/** Work left undone, tests switched off, and words of the place where the work was done. */
export function checkWords(files: readonly SourceFile[]): readonly Violation[] {
  return files.flatMap(({ path, text }) =>
    linesOf(text).flatMap((content, index) => {
      const rule = FORBIDDEN_WORDS.find(({ pattern, only }) => pattern.test(content) && (only?.test(path) ?? true))
      return rule === undefined ? [] : [{ path, line: index + 1, message: rule.message }]
    }),
  )
}

/** The lines of a text, without an empty one after the last line end. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|misc|shared)$/

// Spelt with a class around one letter, so that this file does not break its own rule.
const PLACES = /\/[w]ork\/|\b[f]arm-[a-z]|\/tmp\/[b]ash_jobs|[k]nown-weaknesses\.md|[r]otation\.md/
const FORBIDDEN_WORDS: ReadonlyArray<{ readonly pattern: RegExp; readonly only?: RegExp; readonly message: string }> = [
  { pattern: PLACES, message: 'names the place where it was written, not the project' },
  { pattern: /\b([T]ODO|[F]IXME|[X]XX)\b/, message: 'leaves work undone: do it, or open an issue' },
  {
    pattern: /\b(?:it|test|describe)\.(?:skip|only|todo|fails)\b/,
    only: /\.test\.ts$/,
    message: 'switches tests off',
  },
]
