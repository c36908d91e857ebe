// The floors: who may import whom, who may pass names on, and that a planted arrow upwards is caught.
import { expect, test } from 'vitest'
import { checkCycles, reachFrom } from '../src/cycles.ts'
import { places } from '../src/floors.ts'
import { checkImports, checkReexports } from '../src/imports.ts'
import { expectCaught, expectNone, planted, sources } from './planting.ts'

const importing = (path: string, ...specifiers: string[]) =>
  checkImports([planted(path, specifiers.map((specifier) => `import type { A } from '${specifier}'`).join('\n'))])

test('every package imports from lower floors only, and there only what the table says', () => {
  expect(sources.length).toBeGreaterThan(30)
  expectNone(checkImports(sources))
})

test('only the umbrella exports names of other packages again', () => {
  expectNone(checkReexports(sources))
})

test('there is no circle of imports, type-only ones included', () => {
  expectNone(checkCycles(sources))
})

test('an arrow upwards is caught', () => {
  expectCaught(importing('packages/core/src/a.ts', '@tallystick/jwt'), 'core may import nothing')
  expectCaught(importing('packages/storage/src/a.ts', '@tallystick/server'), 'storage may import core')
  expectCaught(importing('packages/http/src/a.ts', '@tallystick/simulator'), 'http may import')
})

test('siblings of a floor that know each other are caught', () => {
  expectCaught(importing('packages/refresh-token/src/a.ts', '@tallystick/jwt'), 'refresh-token may import core')
  expectCaught(importing('packages/events/src/a.ts', '@tallystick/session'), 'events may import core')
})

test('a shell that imports an adapter is caught', () => {
  for (const name of ['server', 'resource-server', 'http', 'client'])
    expectCaught(importing(`packages/${name}/src/a.ts`, '@tallystick/storage-memory'), `${name} may import`)
})

test('an adapter that imports more than the ports, or a driver, is caught', () => {
  expectCaught(importing('packages/storage-redis/src/a.ts', '@tallystick/server'), 'may import core, storage')
  expectCaught(importing('packages/storage-redis/src/a.ts', '@tallystick/storage-memory'), 'may import core, storage')
  expectCaught(importing('packages/storage-redis/src/a.ts', 'ioredis'), 'from others it may import nothing')
})

test("the platform's clock and entropy are caught below the shells and allowed above", () => {
  expectCaught(importing('packages/refresh-token/src/a.ts', '@tallystick/core/system'), 'time and chance are arguments')
  expectCaught(importing('packages/storage/src/a.ts', '@tallystick/core/system'), 'time and chance are arguments')
  expectNone(importing('packages/server/src/a.ts', '@tallystick/core/system'))
  expectNone(importing('packages/storage-memory/src/a.ts', '@tallystick/core/system'))
})

test('an entry that the table narrows is allowed alone', () => {
  expectNone(importing('packages/client/src/a.ts', '@tallystick/dpop/prove'))
  expectCaught(importing('packages/client/src/a.ts', '@tallystick/dpop'), 'client may import core, events, dpop/prove')
})

test('a relative import without .ts, or out of its package, is caught', () => {
  expectNone(importing('packages/core/src/a.ts', './b.ts'))
  expectCaught(importing('packages/core/src/a.ts', './b.js'), 'relative imports end in .ts')
  expectCaught(importing('packages/core/src/a.ts', '../../jwt/src/b.ts'), "leaves the package's src folder")
  expectCaught(importing('packages/core/src/a.ts', '../test/b.ts'), "leaves the package's src folder")
})

test("others' packages are caught where the table does not list them", () => {
  expectCaught(importing('packages/server/src/a.ts', 'jose'), 'from others it may import zod')
  expectCaught(importing('packages/client/src/a.ts', 'zod/mini'), 'from others it may import nothing')
  expectCaught(importing('packages/server/src/a.ts', 'zod'), 'its small form')
  expectNone(importing('packages/core/src/a.ts', '@noble/hashes/sha2.js'))
})

test('imports are seen in every spelling', () => {
  for (const text of [
    `export { a } from '@tallystick/jwt'`,
    `const a = await import('@tallystick/jwt')`,
    `type A = import('@tallystick/jwt').Key`,
    `import '@tallystick/jwt'`,
  ])
    expectCaught(checkImports([planted('packages/core/src/a.ts', text)]), 'core may import nothing')
})

test('a package that the table does not name is caught', () => {
  expectCaught(importing('packages/extras/src/a.ts'), 'does not name')
})

test('names passed on are caught, directly and by way of an import, and allowed to the umbrella', () => {
  const direct = `export type { Clock } from '@tallystick/core'`
  const indirect = `import { orThrow, type Clock as Time } from '@tallystick/core'\nexport { orThrow }\nexport type { Time }`
  expectCaught(checkReexports([planted('packages/server/src/index.ts', direct)]), 'only the umbrella')
  expectCaught(checkReexports([planted('packages/server/src/index.ts', indirect)]), 'core again', 'core again')
  expectNone(checkReexports([planted('packages/tallystick/src/index.ts', direct)]))
})

test('a circle is caught, also a type-only one and one through two packages', () => {
  const inside = [
    planted('packages/core/src/a.ts', `import type { B } from './b.ts'`),
    planted('packages/core/src/b.ts', `import { C } from './c.ts'`),
    planted('packages/core/src/c.ts', `import type { A } from './a.ts'`),
  ]
  expectCaught(checkCycles(inside), 'a.ts → packages/core/src/b.ts → packages/core/src/c.ts → packages/core/src/a.ts')
  const across = [
    planted('packages/jwt/src/index.ts', `export { a } from '@tallystick/dpop/prove'`),
    planted('packages/dpop/src/prove.ts', `import { b } from '@tallystick/jwt'`),
  ]
  expectCaught(checkCycles(across), 'circle')
})

test('jose does not reach a bundle that imports only jwt/verify', () => {
  const reached = reachFrom('packages/jwt/src/verify.ts', sources)
  expect(reached.paths.size).toBeGreaterThan(3)
  expect([...reached.specifiers].filter((specifier) => /^jose\b/.test(specifier))).toEqual([])
})

test('what an entry reaches is found through other files and packages', () => {
  const files = [
    planted('packages/jwt/src/verify.ts', `import './key.ts'`),
    planted('packages/jwt/src/key.ts', `import '@tallystick/core'`),
    planted('packages/core/src/index.ts', `import 'jose'`),
  ]
  expect(reachFrom('packages/jwt/src/verify.ts', files).specifiers).toContain('jose')
})

test('the table has no arrow up: each package imports packages that stand before it', () => {
  const names = Object.keys(places)
  for (const [name, { ours }] of Object.entries(places)) {
    const later = ours.filter((entry) => entry !== '*' && names.indexOf(entry.split('/')[0]!) >= names.indexOf(name))
    expect(later, name).toEqual([])
  }
})
