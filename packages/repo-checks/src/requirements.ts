// The list of requirements, the tests that cite them by id, and the page that says which are covered.
import ts from 'typescript'
import { lineOf, syntaxOf } from './modules.ts'
import type { SourceFile, Violation } from './violation.ts'

/** A group of requirements: `RT`, what it is about, and its items, numbered from 1. */
export interface RequirementSection {
  readonly prefix: string
  readonly title: string
  readonly items: readonly string[]
}

/** A test title that cites an id. */
export interface Citation {
  /** As the page spells it: `RT-3`, `A16`, `W67`. */
  readonly id: string
  readonly path: string
  readonly line: number
  readonly title: string
}

/** Where the list stands. */
export const requirementsDataPath = 'packages/repo-checks/data/requirements.json'

/** Where the page stands; `pnpm docs:fix` writes it. */
export const requirementsPagePath = 'docs/requirements.md'

/** The sections of the committed list. */
export function sectionsOf(files: readonly SourceFile[]): readonly RequirementSection[] {
  const file = files.find(({ path }) => path === requirementsDataPath)
  return JSON.parse(file?.text ?? '[]') as readonly RequirementSection[]
}

/** Every id that the list has. */
export function idsOf(sections: readonly RequirementSection[]): readonly string[] {
  return sections.flatMap(({ prefix, items }) => items.map((_, index) => idOf(prefix, index + 1)))
}

/**
 * Titles of tests that cite requirements, in the order of files.
 *
 * A title is the first argument of `test`, `it`, `describe` and their variants, or any text in a test or conformance
 * suite that begins with an id: titles of tables are written beside their rows.
 */
export function citationsIn(files: readonly SourceFile[], prefixes: ReadonlySet<string>): readonly Citation[] {
  return files
    .filter(
      ({ path }) =>
        /^((packages\/[^/]+|docs|benchmarks)\/test|docs\/examples)\/|\/src\/conformance/.test(path) &&
        path.endsWith('.ts'),
    )
    .filter(({ path }) => !path.startsWith('packages/repo-checks/'))
    .flatMap((file) => {
      const tree = syntaxOf(file)
      const found: Citation[] = []
      const visit = (node: ts.Node): void => {
        const title = titleOf(node)
        if (title !== undefined)
          for (const id of citedIn(title, prefixes))
            found.push({ id, path: file.path, line: lineOf(tree, node), title })
        ts.forEachChild(node, visit)
      }
      visit(tree)
      return found
    })
}

/** Titles that cite an id which the list does not have. */
export function checkCitations(files: readonly SourceFile[]): readonly Violation[] {
  const sections = sectionsOf(files)
  const known = new Set(idsOf(sections))
  return citationsIn(files, prefixesOf(sections))
    .filter(({ id }) => !known.has(id))
    .map(({ id, path, line }) => ({ path, line, message: `cites ${id}, which the list of requirements does not have` }))
}

/** The page, as it must stand in the repository. */
export function requirementsPage(files: readonly SourceFile[]): string {
  const sections = sectionsOf(files)
  const tests = new Map<string, Citation[]>()
  for (const citation of citationsIn(files, prefixesOf(sections)))
    tests.set(citation.id, [...(tests.get(citation.id) ?? []), citation])
  const covered = idsOf(sections).filter((id) => tests.has(id)).length
  const parts = sections.map(({ prefix, title, items }) => {
    const rows = items.map((item, index) => {
      const id = idOf(prefix, index + 1)
      return `| ${id} | ${item} | ${links(tests.get(id) ?? [])} |`
    })
    return `\n## ${prefix}: ${title}\n\n| id | what holds | proved by |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return `${INTRODUCTION}\n${covered} of ${idsOf(sections).length} are covered.\n${parts.join('')}`
}

/** The prefixes of a list. */
export function prefixesOf(sections: readonly RequirementSection[]): ReadonlySet<string> {
  return new Set(sections.map(({ prefix }) => prefix))
}

function idOf(prefix: string, number: number): string {
  return prefix === 'A' || prefix === 'W' ? `${prefix}${number}` : `${prefix}-${number}`
}

function titleOf(node: ts.Node): string | undefined {
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return undefined
  const text = ts.isTemplateExpression(node) ? node.head.text : node.text
  const whole = ts.isTemplateExpression(node)
    ? [text, ...node.templateSpans.map((span) => span.literal.text)].join('…')
    : text
  const { parent } = node
  const isFirst =
    ts.isCallExpression(parent) && parent.arguments[0] === node && RUNNERS.test(parent.expression.getText())
  return isFirst || STARTS_WITH_ID.test(text) ? whole : undefined
}

function citedIn(title: string, prefixes: ReadonlySet<string>): readonly string[] {
  const found = [...title.matchAll(/(?<![\w-])([A-Z]{2,3})-(\d{1,3})(?![\w-])/g)]
    .filter(([, prefix = '']) => prefixes.has(prefix))
    .map(([id]) => id)
  const short = [...title.matchAll(/(?<![\w-])([AWF])(\d{1,2})(?![\w-])/g)].map(
    ([, letter, number]) => `${letter === 'A' ? 'A' : 'W'}${number}`,
  )
  return [...new Set([...found, ...short])]
}

function links(citations: readonly Citation[]): string {
  const paths = [...new Set(citations.map(({ path }) => path))].toSorted()
  return paths.length === 0 ? 'not yet' : paths.map((path) => `[${shortName(path)}](../${path})`).join(', ')
}

function shortName(path: string): string {
  return path.replace(/^packages\//, '').replace(/\/(test|src)\//, '/')
}

const RUNNERS = /^(test|it|describe)\b/
const STARTS_WITH_ID = /^([A-Z]{2,3}-\d{1,3}|[AWF]\d{1,2})\b[ ,:]/
const INTRODUCTION = `# Requirements and the tests that prove them

Written by \`pnpm docs:fix\` from the titles of the tests; \`pnpm check\` fails where this page is not current.

A test names what it proves at the start of its title: \`RT-3 a replayed token revokes its whole family\`.

| in a title | means |
| --- | --- |
| \`RT-3\` | requirement 3 of section RT |
| \`A16\` | attack 16 (A1 to A38) |
| \`W29\` | known weakness 29 of comparable libraries (W1 to W99) |
| \`F67\` | the same as \`W67\` |

A test file beside an id says that a test claims it, and what the title says is what the test shows; it is no
certificate that nothing is left to test.
`
