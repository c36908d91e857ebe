// Takes the `@example` blocks out of doc comments, as modules that import by themselves what an example leaves out.
import ts from 'typescript'
import { moduleText } from './assertions.ts'
import { syntaxOf } from './modules.ts'
import type { Block, PageSnippets, Snippet } from './snippets.ts'
import { blocksOf } from './snippets.ts'
import type { SourceFile, Violation } from './violation.ts'

/** A name that an example may use without importing it. */
export interface KnownName {
  readonly name: string
  readonly isType: boolean
  /** How a module imports it. */
  readonly from: string
}

/**
 * The examples of a source file.
 *
 * An example leaves imports out: each free name is imported from the first of `known` that has it.
 * A block fenced with `ts no-run` and a reason is type-checked only, as on a page.
 */
export function examplesOf(file: SourceFile, known: readonly KnownName[]): PageSnippets {
  const snippets: Snippet[] = []
  const violations: Violation[] = []
  for (const block of exampleBlocks(file)) {
    const module = moduleText(file.path, [block])
    violations.push(...module.violations)
    const notRun = /^ts no-run (.+)$/.exec(block.info)?.[1]
    snippets.push({ path: file.path, line: block.line, text: importLine(module.text, known) + module.text, notRun })
  }
  return { snippets, violations }
}

/** What a file exports, to be imported as `from`. */
export function namesOf(file: SourceFile, from: string): readonly KnownName[] {
  return syntaxOf(file).statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return []
    if (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) return []
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => ({ name: name.getText(), isType: false, from }))
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    const { name } = statement as { name?: ts.Node }
    return name === undefined ? [] : [{ name: name.getText(), isType, from }]
  })
}

function exampleBlocks(file: SourceFile): readonly Block[] {
  const lines = file.text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at += 1) {
    if (!/^\s*(\/\*)?\*+ @example\b/.test(lines[at] ?? '')) continue
    const body: string[] = []
    for (let next = at + 1; next < lines.length; next += 1) {
      const content = lines[next] ?? ''
      if (/\*\/\s*$/.test(content) || /^\s*\* @\w/.test(content)) break
      body.push(content.replace(/^\s*\* ?/, ''))
    }
    const fenced = blocksOf(body.join('\n'), at + 2)
    blocks.push(...(fenced.length > 0 ? fenced : [{ info: 'ts', line: at + 2, lines: body }]))
  }
  return blocks
}

/** Imports on the module's first line, which is always free: the free names of the example that are known. */
function importLine(text: string, known: readonly KnownName[]): string {
  const tree = ts.createSourceFile('example.ts', text, ts.ScriptTarget.Latest, true)
  const used = new Set<string>()
  const own = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isUse(node)) used.add(node.text)
    const declares = ts.isVariableDeclaration(node) || ts.isImportSpecifier(node) || ts.isBindingElement(node)
    if ((declares || ts.isParameter(node)) && ts.isIdentifier(node.name)) own.add(node.name.text)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return [...used]
    .filter((name) => !own.has(name))
    .flatMap((name) => {
      const found = known.find((candidate) => candidate.name === name)
      if (found === undefined) return []
      return [`import { ${found.isType ? 'type ' : ''}${name} } from ${JSON.stringify(found.from)};`]
    })
    .join(' ')
}

/** Whether an identifier reads a name in scope: `a.b` and `{ b: 1 }` do not read `b`. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  return !(ts.isPropertyAssignment(parent) && parent.name === node)
}
