// Pages point at files that stand.
import { test } from 'vitest'
import { checkLinks } from '../src/links.ts'
import { expectCaught, expectNone, planted, repository } from './planting.ts'

const links = (text: string) =>
  checkLinks([planted('docs/a.md', text), planted('docs/b.md', ''), planted('packages/core/src/a.ts', '')])

test('links and paths in pages lead to files that are there', () => {
  expectNone(checkLinks(repository))
})

test('a dead link and a dead path are caught', () => {
  expectCaught(links('see [c](c.md)'), 'docs/c.md')
  expectCaught(links('see [c](../packages/jwt)'), 'packages/jwt')
  expectCaught(links('in `packages/core/src/b.ts`'), 'packages/core/src/b.ts')
})

test('live ones, addresses and patterns are left alone', () => {
  expectNone(
    links('[b](b.md#part), [core](../packages/core), `packages/core/src/`, `docs/*.md`, `packages/<name>/src`'),
  )
  expectNone(links('[RFC 9700](https://www.rfc-editor.org/rfc/rfc9700.html), [below](#below)'))
})
