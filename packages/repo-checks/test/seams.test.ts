// Clock, chance, network, timers and platform modules: read in the seams alone.
import { expect, test } from 'vitest'
import { checkSeams, seams } from '../src/seams.ts'
import { expectCaught, expectNone, planted, sources } from './planting.ts'

const reading = (text: string, path = 'packages/refresh-token/src/decide.ts') => checkSeams([planted(path, text)])

test('nothing of the world is read outside the seams', () => {
  expectNone(checkSeams(sources))
})

test('every seam that stands is needed: without it its file would be caught', () => {
  for (const seam of seams) {
    const files = sources.filter(({ path }) => seam.path.test(path))
    if (files.length > 0) expect(checkSeams(files, []).length, String(seam.path)).toBeGreaterThan(0)
  }
  expect(sources.some(({ path }) => seams[0]!.path.test(path))).toBe(true)
})

test.each([
  ['const a = Date.now()', 'clock'],
  ['const a = new Date()', 'clock'],
  ['const a = Date()', 'clock'],
  ['const a = performance.now()', 'clock'],
  ['const a = globalThis.performance.now()', 'clock'],
  ['const a = Math.random()', 'randomness'],
  ['crypto.getRandomValues(bytes)', 'randomness'],
  ['const id = globalThis.crypto.randomUUID()', 'randomness'],
  ['await crypto.subtle.sign(a, b, c)', 'platform'],
  ["await fetch('https://example.com')", 'network'],
  ["await globalThis.fetch('https://example.com')", 'network'],
  ['const transport = { fetch }', 'network'],
  ['const send = options.fetch ?? fetch', 'network'],
  ['setTimeout(run, 10)', 'timer'],
  ['const timers = { start: setInterval }', 'timer'],
  ["import { createHmac } from 'node:crypto'", 'platform'],
  ["const a = await import('node:fs')", 'platform'],
  ["const a = process.getBuiltinModule('node:crypto')", 'platform'],
  ["const a = process.env['HOME']", 'platform'],
  ['const a = Buffer.from(text)', 'platform'],
])('caught: %s', (text, kind) => {
  expectCaught(reading(text), `(${kind})`)
})

test.each([
  'const at = new Date(seconds * 1000)',
  'export interface Ports { readonly fetch: typeof fetch }',
  'export function load(fetch: Fetch) { return fetch(url) }',
  'const { setTimeout } = timers; setTimeout(run, 10)',
  'const a = options.fetch(url)',
  'const a = clock.now()',
  'type Timer = ReturnType<typeof setTimeout>',
  'const text = new TextEncoder().encode("Date.now()")',
])('allowed: %s', (text) => {
  expectNone(reading(text))
})

test('shells read the world through ports as well; adapters and the private floor are free', () => {
  expectCaught(reading('const a = Date.now()', 'packages/server/src/issue.ts'), '(clock)')
  expectNone(reading('const a = Date.now()', 'packages/storage-memory/src/index.ts'))
  expectNone(reading('const a = Date.now()', 'packages/simulator/src/demo.ts'))
})

test('a seam is open only for what it is made for', () => {
  expectCaught(reading('fetch(url)', 'packages/core/src/system.ts'), '(network)')
  expectNone(reading('const a = Date.now()', 'packages/core/src/system.ts'))
})
