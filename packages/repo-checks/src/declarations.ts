// Checks exported declarations: each has a doc comment, numbers name their unit, index files hold names only.
import ts from 'typescript'
import { lineOf, syntaxOf } from './modules.ts'
import type { SourceFile, Violation } from './violation.ts'

/** Value names that an `index.ts` may export, as many as the widest public surface has; more belong on an entry of their own. */
export const indexValuesMax = 13

/** Last words of numbers that are no quantity, with the reason why each has no unit. */
export const numbersWithoutUnit: ReadonlyMap<string, string> = new Map([
  ['status', 'an HTTP status code'],
  ['number', 'an ordinal: what is called by its number'],
  ['generation', 'an ordinal: the position in a family, first is 1'],
  ['epoch', 'an ordinal of the application: what a cut-off compares'],
  ['version', 'an ordinal'],
  ['v', 'the version member of a stored record'],
  ['id', 'a name that happens to be a number'],
  ['line', 'an ordinal: the line of a file, first is 1'],
  ['start', 'a position in a text'],
  ['end', 'a position in a text'],
  ['offset', 'a position in a text or in bytes'],
  ['begin', 'a position in a history'],
  ['position', 'an ordinal'],
  ['index', 'an ordinal'],
  ['at', 'a point in time, in the seconds of a NumericDate'],
  ['every', 'each n-th'],
  ['gen', 'a member of a claims set: the generation'],
  ['place', 'an ordinal: a position in an index'],
  ['last', 'an ordinal: the position of the last one'],
  ['length', 'the word JavaScript uses'],
  ['seed', 'the start of a pseudo-random sequence'],
  ['revoked', 'how many families; the name is fixed by the public surface'],
  ['exp', 'a member of a claims set: the wire keeps the letters of the RFC'],
  ['iat', 'a member of a claims set'],
  ['nbf', 'a member of a claims set'],
  ['auth_time', 'a member of a claims set'],
  ['toe', 'a member of a claims set'],
  ['ttl', 'a member of a claims set'],
])

/** Exported declarations without a doc comment. */
export function checkDocComments(sources: readonly SourceFile[]): readonly Violation[] {
  return sources.flatMap((file) => {
    const documented = new Set<string>()
    return exportedStatements(file).flatMap((statement) => {
      const names = namesOf(statement)
      const hasComment = ts.getJSDocCommentsAndTags(statement).length > 0
      if (hasComment) for (const name of names) documented.add(name)
      const missing = names.filter((name) => !documented.has(name))
      const line = lineOf(syntaxOf(file), statement)
      return missing.map((name) => ({ path: file.path, line, message: `exports ${name} without a doc comment` }))
    })
  })
}

/** Numeric constants, members and parameters of the exported surface whose last word is no unit. */
export function checkUnits(sources: readonly SourceFile[]): readonly Violation[] {
  return sources.flatMap((file) => {
    const tree = syntaxOf(file)
    return exportedStatements(file)
      .flatMap((statement) => numbersIn(statement))
      .filter((name) => !hasUnit(name.getText(tree)))
      .map((name) => ({
        path: file.path,
        line: lineOf(tree, name),
        message: `names a number ${name.getText(tree)}; the last word is its unit (Seconds, Bytes …), a plural, or Max or Min after one`,
      }))
  })
}

/** Index files with anything but named re-exports of their own package, or with too many value names. */
export function checkIndexes(sources: readonly SourceFile[]): readonly Violation[] {
  return sources
    .filter(({ path }) => path.endsWith('/src/index.ts'))
    .flatMap((file) => {
      const tree = syntaxOf(file)
      const wrong: Violation[] = []
      let values = 0
      for (const statement of tree.statements) {
        const names = reexportedNames(statement)
        if (names === undefined)
          wrong.push({ path: file.path, line: lineOf(tree, statement), message: 'holds more than `export { … } from`' })
        else values += names
      }
      if (values > indexValuesMax)
        wrong.push({
          path: file.path,
          message: `exports ${values} values; ${indexValuesMax} at most, more go to entries`,
        })
      return wrong
    })
}

/** Whether the last word of a name is a unit or a plural, leaving `Max` and `Min` out. */
export function hasUnit(name: string): boolean {
  const words = name.split(/_|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase())
  while (words.length > 1 && LIMITS.has(words.at(-1) ?? '')) words.pop()
  const last = words.at(-1) ?? ''
  return numbersWithoutUnit.has(name) || numbersWithoutUnit.has(last) || UNITS.has(last) || /[^s]s$/.test(last)
}

function exportedStatements(file: SourceFile): readonly ts.Statement[] {
  return syntaxOf(file).statements.filter(
    (statement) =>
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true,
  )
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText())
  const { name } = statement as { name?: ts.Node }
  return [name === undefined ? 'default' : name.getText()]
}

function numbersIn(statement: ts.Statement): readonly ts.Node[] {
  const found: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && !ts.isTypeNode(node)) {
      for (const parameter of node.parameters) visit(parameter)
      return
    }
    if (isPrivate(node)) return
    if (isNumeric(node)) found.push(node.name)
    ts.forEachChild(node, visit)
  }
  visit(statement)
  return found
}

function isPrivate(node: ts.Node): boolean {
  if (!ts.isPropertyDeclaration(node)) return false
  const isMarked = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true
  return isMarked || ts.isPrivateIdentifier(node.name)
}

type NumericNode = ts.PropertySignature | ts.PropertyDeclaration | ts.VariableDeclaration | ts.PropertyAssignment

function isNumeric(node: ts.Node): node is NumericNode {
  if (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) return isNumberType(node.type)
  if (ts.isVariableDeclaration(node))
    return isNumberType(node.type) || (node.initializer !== undefined && isNumber(node.initializer))
  return ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && isNumber(node.initializer)
}

function isNumberType(type: ts.TypeNode | undefined): boolean {
  if (type === undefined) return false
  if (ts.isUnionTypeNode(type)) return type.types.some((part) => isNumberType(part))
  return type.kind === ts.SyntaxKind.NumberKeyword
}

function isNumber(value: ts.Expression): boolean {
  return ts.isNumericLiteral(value) || (ts.isBinaryExpression(value) && isNumber(value.left) && isNumber(value.right))
}

function reexportedNames(statement: ts.Statement): number | undefined {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return undefined
  const clause = statement.exportClause
  if (clause === undefined || !ts.isNamedExports(clause)) return undefined
  return statement.isTypeOnly ? 0 : clause.elements.filter((element) => !element.isTypeOnly).length
}

const LIMITS = new Set(['max', 'min', 'default', 'total'])
const UNITS = new Set(['ratio', 'percent', 'count', 'hertz'])
