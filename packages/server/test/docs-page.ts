// Tables of documentation pages between markers: written where UPDATE_DOCS is set, compared otherwise.
import { readFileSync, writeFileSync } from 'node:fs'

/** A Markdown table. */
export function markdownTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** What stands on a page of docs between the markers of a name; where `UPDATE_DOCS=1` is set it is written there first. */
export function onPage(file: string, name: string, text: string): string {
  const path = new URL(`../../../docs/${file}`, import.meta.url)
  const page = readFileSync(path, 'utf8')
  const start = `<!-- table: ${name} -->\n`
  const end = `\n<!-- end: ${name} -->`
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/${file} has no markers for the table ${name}`)
  if (process.env['UPDATE_DOCS'] !== '1') return page.slice(from + start.length, to)
  writeFileSync(path, page.slice(0, from + start.length) + text + page.slice(to))
  return text
}
