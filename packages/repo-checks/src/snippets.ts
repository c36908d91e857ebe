// Takes the TypeScript blocks out of Markdown pages, as modules whose lines have the numbers they have on the page.
import { moduleText } from './assertions.ts'
import type { SourceFile, Violation } from './violation.ts'

/** One runnable piece of documentation. */
export interface Snippet {
  /** The page or source file that shows it. */
  readonly path: string
  /** Where its first line of code stands, counted from 1. */
  readonly line: number
  /** A whole module; line n of it is line n of the page, the first line imports what {@link moduleText} needs. */
  readonly text: string
  /** Why it is type-checked only; absent where it runs. */
  readonly notRun?: string | undefined
}

/** What a page shows, and blocks that nobody could check. */
export interface PageSnippets {
  readonly snippets: readonly Snippet[]
  readonly violations: readonly Violation[]
}

/** One fenced block, before it is made a module. */
export interface Block {
  /** The rest of the line that opens the fence: `ts`, or `ts no-run` and a reason. */
  readonly info: string
  /** Where its first line of code stands, counted from 1. */
  readonly line: number
  readonly lines: readonly string[]
}

/**
 * The `ts` blocks of a Markdown page.
 *
 * A block stands alone unless its first line is `// continues`: then it goes on where the block before it ended.
 * `ts no-run` and a reason: type-checked only. Comments `// => value` after a statement are asserted.
 */
export function snippetsOf(page: SourceFile): PageSnippets {
  const snippets: Snippet[] = []
  const violations: Violation[] = []
  let chain: readonly Block[] = []
  for (const block of blocksOf(page.text)) {
    const problem = problemOf(block)
    if (problem !== undefined) violations.push({ path: page.path, line: block.line, message: problem })
    if (problem !== undefined || !/^ts\b/.test(block.info)) continue
    const continues = /^\/\/ continues\b/.test(block.lines[0] ?? '')
    if (continues && chain.length === 0)
      violations.push({ path: page.path, line: block.line, message: 'continues, but no block stands before it' })
    if (continues) snippets.pop()
    chain = continues ? [...chain, block] : [block]
    const module = moduleText(page.path, chain)
    violations.push(...module.violations)
    snippets.push({ path: page.path, line: chain[0]?.line ?? 1, text: module.text, notRun: reasonOf(chain) })
  }
  return { snippets, violations }
}

/** The fenced blocks of a Markdown text, of every language. */
export function blocksOf(text: string, firstLine = 1): readonly Block[] {
  const blocks: Block[] = []
  let open: { fence: string; indent: number; info: string; line: number; lines: string[] } | undefined
  for (const [index, content] of text.split('\n').entries()) {
    const fence = /^( *)(`{3,})(.*)$/.exec(content)
    if (open === undefined) {
      if (fence === null) continue
      const [, indent = '', marks = '', info = ''] = fence
      open = { fence: marks, indent: indent.length, info: info.trim(), line: firstLine + index + 1, lines: [] }
    } else if (content.trim() === open.fence) {
      blocks.push(open)
      open = undefined
    } else open.lines.push(content.slice(Math.min(open.indent, content.search(/\S|$/))))
  }
  return blocks
}

function reasonOf(chain: readonly Block[]): string | undefined {
  const marked = chain.find(({ info }) => info !== 'ts')
  return marked?.info.replace(/^ts no-run\s*/, '')
}

function problemOf({ info }: Block): string | undefined {
  const [language = ''] = info.split(' ')
  if (['typescript', 'js', 'javascript', 'mjs', 'tsx'].includes(language))
    return `is a block of ${language}; say ts, so that it is checked and run`
  if (info === 'ts no-run') return 'is not run without saying why: `ts no-run` and a reason'
  if (language === 'ts' && info !== 'ts' && !info.startsWith('ts no-run ')) return `has an unknown mark: ${info}`
  return undefined
}
