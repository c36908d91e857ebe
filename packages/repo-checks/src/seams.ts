// Finds clocks, randomness, network, timers and platform modules read outside the few files that are made for it.
import ts from 'typescript'
import { lineOf, mentionsOf, syntaxOf } from './modules.ts'
import { packageOf, placeOf } from './floors.ts'
import type { SourceFile, Violation } from './violation.ts'

/** What a file may not read by itself. */
export type Reading = 'clock' | 'randomness' | 'network' | 'timer' | 'platform'

/** A file that is made for reading something of the world, and why. */
export interface Seam {
  readonly path: RegExp
  readonly may: readonly Reading[]
  readonly why: string
}

/** All seams below the private floor. Adapters are seams as a whole: a store's driver brings its own world. */
export const seams: readonly Seam[] = [
  { path: /^packages\/core\/src\/system\.ts$/, may: ['clock', 'randomness'], why: "the platform's clock and entropy" },
  { path: /^packages\/core\/src\/crypto\.ts$/, may: ['platform'], why: 'hash and HMAC of the platform' },
  {
    path: /^packages\/jwt\/src\/(node-crypto|web-crypto)\.ts$/,
    may: ['platform', 'randomness'],
    why: 'signatures and key generation of the platform',
  },
]

/** Readings of the world in the sources of floors 1 to 3 that no seam allows. */
export function checkSeams(sources: readonly SourceFile[], allowed: readonly Seam[] = seams): readonly Violation[] {
  return sources.flatMap((file) => {
    const kind = placeOf(packageOf(file.path) ?? '')?.kind
    if (kind === 'private' || kind === 'adapter') return []
    const may = new Set(allowed.filter(({ path }) => path.test(file.path)).flatMap((seam) => seam.may))
    return readingsIn(file)
      .filter(({ reading }) => !may.has(reading))
      .map(({ line, reading, text }) => ({
        path: file.path,
        line,
        message: `reads ${text} (${reading}); it is handed in as an argument or a port`,
      }))
  })
}

interface Found {
  readonly line: number
  readonly reading: Reading
  readonly text: string
}

function readingsIn(file: SourceFile): readonly Found[] {
  const tree = syntaxOf(file)
  const found: Found[] = mentionsOf(file)
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ line, specifier }) => ({ line, reading: 'platform', text: specifier }))
  const visit = (node: ts.Node): void => {
    const reading = readingOf(node)
    if (reading === undefined) ts.forEachChild(node, visit)
    else found.push({ line: lineOf(tree, node), reading, text: node.getText(tree).slice(0, 40) })
  }
  visit(tree)
  return found
}

function readingOf(node: ts.Node): Reading | undefined {
  if (ts.isPropertyAccessExpression(node)) return readingOfProperty(node)
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    return 'clock'
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'clock'
  if (ts.isIdentifier(node) && isFreeName(node)) return FREE_NAMES.get(node.text)
  return undefined
}

function readingOfProperty(node: ts.PropertyAccessExpression): Reading | undefined {
  const owner = node.expression.getText().replace(/^globalThis\.|\?$/g, '')
  if (node.name.text === 'getBuiltinModule') return 'platform'
  if (owner === 'globalThis' || owner.startsWith('(globalThis as ')) return FREE_NAMES.get(node.name.text)
  if (PROPERTIES.has(`${owner}.${node.name.text}`)) return PROPERTIES.get(`${owner}.${node.name.text}`)
  return owner === 'crypto.subtle' ? 'platform' : undefined
}

/** Whether an identifier reads a name from outside: not a property, a declared name, a key or a part of a type. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false
  if (ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent)) return false
  if (ts.isNamedTupleMember(parent) || ts.isBindingElement(parent)) return false
  if ('name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent)) return false
  return !isDeclaredAround(node)
}

/** Whether a parameter, variable or import of the file has this name: a port called `fetch` is not the global one. */
function isDeclaredAround(node: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = node.parent; scope !== undefined; scope = scope.parent) {
    const names = (scope as { locals?: ReadonlyMap<string, unknown> }).locals
    if (names?.has(node.text) === true) return true
    if (ts.isFunctionLike(scope) && scope.parameters.some((parameter) => bindsName(parameter.name, node.text)))
      return true
    if ((ts.isBlock(scope) || ts.isSourceFile(scope)) && scope.statements.some((line) => declaresName(line, node.text)))
      return true
  }
  return false
}

function declaresName(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((declaration) => bindsName(declaration.name, name))
  return ts.isFunctionDeclaration(statement) && statement.name?.text === name
}

function bindsName(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name
  return binding.elements.some((element) => ts.isBindingElement(element) && bindsName(element.name, name))
}

const PROPERTIES = new Map<string, Reading>([
  ['Date.now', 'clock'],
  ['performance.now', 'clock'],
  ['performance.timeOrigin', 'clock'],
  ['process.hrtime', 'clock'],
  ['Math.random', 'randomness'],
  ['crypto.getRandomValues', 'randomness'],
  ['crypto.randomUUID', 'randomness'],
  ['subtle.generateKey', 'randomness'],
  ['crypto.subtle', 'platform'],
])

const FREE_NAMES = new Map<string, Reading>([
  ['fetch', 'network'],
  ['XMLHttpRequest', 'network'],
  ['WebSocket', 'network'],
  ['EventSource', 'network'],
  ['setTimeout', 'timer'],
  ['setInterval', 'timer'],
  ['setImmediate', 'timer'],
  ['clearTimeout', 'timer'],
  ['clearInterval', 'timer'],
  ['requestAnimationFrame', 'timer'],
  ['process', 'platform'],
  ['Deno', 'platform'],
  ['Bun', 'platform'],
  ['Buffer', 'platform'],
  ['require', 'platform'],
])
