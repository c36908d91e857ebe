// What a bundle of each part takes along: verifying and issuing reach neither jose nor zod.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../src')

/** The packages that a source file reaches through value imports. */
function packagesFrom(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  const imports = readFileSync(resolve(source, file), 'utf8').matchAll(
    /^(?:import|export) (?:\{[^}]*\}|\* as \w+) from '([^']+)'/gm,
  )
  for (const [, specifier = ''] of imports) {
    if (!specifier.startsWith('./')) packages.add(specifier)
    else for (const found of packagesFrom(specifier.slice(2), seen)) packages.add(found)
  }
  return packages
}

test('jwt/verify and jwt/issue reach our own core alone; jwt/keys reaches jose', () => {
  expect([...packagesFrom('verify.ts')].filter((name) => !name.startsWith('@tallystick/core'))).toEqual([])
  expect([...packagesFrom('issue.ts')].filter((name) => !name.startsWith('@tallystick/core'))).toEqual([])
  expect(packagesFrom('verify.ts').size).toBeGreaterThan(2)
  expect(packagesFrom('keys.ts').has('jose')).toBe(true)
})

test('jwt/jwe reaches jose, and neither jwt/verify nor jwt/issue reaches jwt/jwe', () => {
  expect(packagesFrom('jwe.ts').has('jose')).toBe(true)
  for (const entry of ['verify.ts', 'issue.ts']) {
    const seen = new Set<string>()
    packagesFrom(entry, seen)
    expect(seen.size).toBeGreaterThan(5)
    expect([...seen].filter((file) => file.startsWith('jwe'))).toEqual([])
  }
})
