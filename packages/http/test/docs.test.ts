// The tables of docs/http.md are those of the code: UPDATE_DOCS=1 writes them.
import { expect, test } from 'vitest'
import { markdownTable, onPage } from '../../server/test/docs-page.ts'
import { httpEvents } from '../src/event.ts'
import { httpRefusals } from '../src/refusals.ts'

test('MO-3 docs/http.md lists every reason with what the outside sees', () => {
  const rows = Object.entries(httpRefusals).map(([reason, { code, status, description, headers }]) => {
    const sent = Object.entries(headers ?? {}).map(([name, value]) => ` (\`${name}: ${value}\`)`)
    return [`\`${reason}\``, `\`${code}\``, String(status) + sent.join(''), description]
  })
  const table = markdownTable(['reason', 'error', 'status', 'description'], rows)
  expect(onPage('http.md', 'http-refusals', table)).toBe(table)
})

test('MO-2 docs/http.md lists every event with its meaning and its fields', () => {
  const rows = Object.entries(httpEvents).map(([type, { meaning, fields }]) => [
    `\`${type}\``,
    meaning,
    Object.entries(fields)
      .map(([field, kind]) => `\`${field}\` ${kind}`)
      .join(', '),
  ])
  const table = markdownTable(['event', 'meaning', 'fields'], rows)
  expect(onPage('http.md', 'http-events', table)).toBe(table)
})
