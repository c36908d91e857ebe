// package.json: exports against files, published against worked in, dependencies against the floors.
import { expect, test } from 'vitest'
import { checkDependencies, checkEntries, checkFields, manifestsOf } from '../src/manifests.ts'
import { checkWorkspace } from '../src/workspace.ts'
import { expectCaught, expectNone, planted, repository, withEdited, withPlanted, type Editable } from './planting.ts'

const CORE = 'packages/core/package.json'
const inCore = <V extends { readonly path: string }>(violations: readonly V[]) =>
  violations.filter(({ path }) => path.startsWith('packages/core/'))

test('each exports entry is one file directly under src, and is published without the source condition', () => {
  expect(manifestsOf(repository).length).toBeGreaterThan(8)
  expectNone(checkEntries(repository))
})

test('every package has the fields it needs to be published, or is private', () => {
  expectNone(checkFields(repository))
})

test('dependencies are what the floors allow, and every import is declared', () => {
  expectNone(checkDependencies(repository))
})

test('jose stands in exactly one package.json', () => {
  const having = manifestsOf(repository).filter(({ dependencies }) => dependencies?.['jose'] !== undefined)
  expect(having.map(({ folder }) => folder)).toEqual(['jwt'])
})

test('references and test projects name every package', () => {
  expectNone(checkWorkspace(repository))
})

test('an entry without a file, or with a file deeper down, is caught', () => {
  const ghost = { '@tallystick/source': './src/ghost.ts', types: './dist/ghost.d.ts', default: './dist/ghost.js' }
  const add = (target: object) =>
    withEdited(CORE, ({ exports, publishConfig }) => {
      exports['./ghost'] = target
      publishConfig.exports['./ghost'] = { types: './dist/ghost.d.ts', default: './dist/ghost.js' }
    })
  expectCaught(inCore(checkEntries(add(ghost))), 'has no file packages/core/src/ghost.ts')
  const deep = { ...ghost, '@tallystick/source': './src/lib/ghost.ts' }
  expectCaught(inCore(checkEntries(add(deep))), 'exports["./ghost"] must be')
})

test('published exports that still name the sources, or miss an entry, are caught', () => {
  const same = withEdited(CORE, (manifest) => (manifest['publishConfig'].exports = manifest['exports']))
  expectCaught(inCore(checkEntries(same)), 'publishConfig.exports must be exports without')
  const missing = withEdited(CORE, (manifest) => delete manifest['publishConfig'].exports['./system'])
  expectCaught(inCore(checkEntries(missing)), 'publishConfig.exports must be exports without')
})

test('a missing or wrong field is caught', () => {
  const check = (change: (manifest: Editable) => void) => inCore(checkFields(withEdited(CORE, change)))
  expectCaught(
    check((m) => (m['name'] = '@tallystick/kernel')),
    'one word in every place',
  )
  expectCaught(
    check((m) => (m['description'] = 'no sentence')),
    'one sentence',
  )
  expectCaught(
    check((m) => (m['license'] = 'ISC')),
    'MIT',
  )
  expectCaught(
    check((m) => (m['engines'].node = '>=18')),
    'engines.node',
  )
  expectCaught(
    check((m) => (m['private'] = true)),
    'private',
  )
  expectCaught(
    check((m) => (m['files'] = ['dist', 'src'])),
    'files must be',
  )
  expectCaught(
    check((m) => delete m['publishConfig'].access),
    'publishConfig.access',
  )
  expectCaught(
    check((m) => delete m['sideEffects']),
    'sideEffects',
  )
})

test('a dependency that the floor does not allow is caught', () => {
  const check = (name: string, range = 'workspace:^') =>
    inCore(checkDependencies(withEdited(CORE, ({ dependencies }) => (dependencies[name] = range))))
  expectCaught(check('@tallystick/jwt'), 'not allowed on its floor')
  expectCaught(check('jose', '^6'), 'jose, which stands in jwt alone', 'not allowed on its floor')
  expectCaught(check('lodash', '^4'), 'depends on lodash')
})

test('an import that package.json does not declare is caught', () => {
  const files = [...repository, planted('packages/core/src/planted.ts', `import { x } from 'left-pad'`)]
  expectCaught(inCore(checkDependencies(files)), 'packages/core/package.json does not declare')
})

test('a forgotten reference or test project is caught', () => {
  const unreferenced = withPlanted('tsconfig.json', (text) => text.replace('{ "path": "packages/core" },', ''))
  expectCaught(checkWorkspace(unreferenced).slice(0, 1), 'does not reference packages/core')
  const unlisted = withPlanted('vitest.workspace.ts', (text) => text.replace("packageProject('repo-checks'),", ''))
  expectCaught(checkWorkspace(unlisted).slice(0, 1), 'does not list packages/repo-checks')
  const loose = withPlanted('packages/server/tsconfig.json', () => '{ "references": [] }')
  expectCaught(checkWorkspace(loose).slice(0, 1), 'must reference ../core')
})
