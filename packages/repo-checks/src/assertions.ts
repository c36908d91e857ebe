// Turns `// => value` after a statement into an assertion that runs, without moving a line.
import ts from 'typescript'
import type { Violation } from './violation.ts'

/** A run of code lines and the page line where they start. */
export interface CodeLines {
  readonly line: number
  readonly lines: readonly string[]
}

/**
 * Makes one module of pieces of code; every line keeps its number on the page.
 *
 * `expression // => value` becomes a call of `expectValue(actual, expected, place)`, an object that ends in `…` a call
 * of `expectMembers`, `// => throws Name` one of `expectThrow`. `const x = … // => value` asserts `x`.
 * @returns The module without imports of those functions: its first line is empty for them.
 */
export function moduleText(
  path: string,
  pieces: readonly CodeLines[],
): { readonly text: string; readonly violations: readonly Violation[] } {
  const lines: string[] = []
  for (const piece of pieces) {
    while (lines.length < piece.line - 1) lines.push('')
    lines.push(...piece.lines)
  }
  const text = lines.join('\n')
  const { edits, violations } = assertionsIn(path, text)
  const edited = edits
    .toSorted((left, right) => right.at - left.at)
    .reduce((result, { at, insert }) => result.slice(0, at) + insert + result.slice(at), text)
  return { text: `${edited}\nexport {}\n`, violations }
}

interface Edit {
  readonly at: number
  readonly insert: string
}

function assertionsIn(path: string, text: string): { edits: readonly Edit[]; violations: readonly Violation[] } {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  const edits: Edit[] = []
  const violations: Violation[] = []
  const attached = new Set<number>()
  const visit = (node: ts.Node): void => {
    const comment =
      ts.isExpressionStatement(node) || ts.isVariableStatement(node) ? expectationAfter(text, node) : undefined
    if (comment !== undefined && !attached.has(comment.at)) {
      attached.add(comment.at)
      const place = `${path}:${tree.getLineAndCharacterOfPosition(comment.at).line + 1}`
      const made = assertion(node as ts.ExpressionStatement | ts.VariableStatement, comment.expected, place)
      if (made === undefined) violations.push(problem(path, tree, comment.at, `expects no value: ${comment.expected}`))
      else edits.push(...made)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  for (const { index } of text.matchAll(/\/\/ =>/g))
    if (!attached.has(index)) violations.push(problem(path, tree, index, 'has `// =>` after no statement'))
  return { edits, violations }
}

function expectationAfter(text: string, node: ts.Node): { at: number; expected: string } | undefined {
  const [comment] = ts.getTrailingCommentRanges(text, node.end) ?? []
  if (comment === undefined || !text.startsWith('// =>', comment.pos)) return undefined
  return { at: comment.pos, expected: text.slice(comment.pos + 5, comment.end).trim() }
}

function assertion(
  node: ts.ExpressionStatement | ts.VariableStatement,
  expected: string,
  place: string,
): readonly Edit[] | undefined {
  const thrown = /^throws (\w+)$/.exec(expected)?.[1]
  const members = /,? *…(?= *\}$)/.exec(expected) !== null
  const value = thrown === undefined ? expected.replace(/,? *…(?= *\}$)/, '') : JSON.stringify(thrown)
  if (!isExpression(value)) return undefined
  const end = `, (${value}), ${JSON.stringify(place)});`
  const name = members ? 'expectMembers' : 'expectValue'
  if (ts.isVariableStatement(node)) {
    const [declaration] = node.declarationList.declarations
    if (thrown !== undefined || declaration === undefined || !ts.isIdentifier(declaration.name)) return undefined
    return [{ at: node.end, insert: `; ${name}(${declaration.name.text}${end}` }]
  }
  const { expression } = node
  const open = thrown === undefined ? `${name}((` : 'await expectThrow(async () => ('
  return [
    { at: expression.getStart(), insert: open },
    { at: expression.end, insert: `)${end}` },
  ]
}

function isExpression(text: string): boolean {
  const { diagnostics = [] } = ts.transpileModule(`(${text})`, { reportDiagnostics: true })
  return text !== '' && diagnostics.length === 0
}

function problem(path: string, tree: ts.SourceFile, at: number, message: string): Violation {
  return { path, line: tree.getLineAndCharacterOfPosition(at).line + 1, message }
}
