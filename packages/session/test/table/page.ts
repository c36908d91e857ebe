// Tables of a documentation page between markers: written by a test where UPDATE_DOCS is set, compared otherwise.
import { readFileSync, writeFileSync } from 'node:fs'

const PAGE = new URL('../../../../docs/session.md', import.meta.url)

/** A Markdown table. */
export function markdownTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/**
 * What stands on the page between the markers of a name.
 *
 * Where `UPDATE_DOCS=1` is set the given text is written there first.
 */
export function onPage(name: string, text: string): string {
  const page = readFileSync(PAGE, 'utf8')
  const start = `<!-- table: ${name} -->\n`
  const end = `\n<!-- end: ${name} -->`
  const from = page.indexOf(start)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`docs/session.md has no markers for the table ${name}`)
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(PAGE, page.slice(0, from + start.length) + text + page.slice(to))
    return text
  }
  return page.slice(from + start.length, to)
}
