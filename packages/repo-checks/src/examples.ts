// Takes the `@example` blocks out of doc comments, as modules that import the names of their own file by themselves.
import ts from 'typescript'
import { moduleText } from './assertions.ts'
import { syntaxOf } from './modules.ts'
import type { Block, PageSnippets, Snippet } from './snippets.ts'
import { blocksOf } from './snippets.ts'
import type { SourceFile, Violation } from './violation.ts'

/**
 * The examples of a source file.
 *
 * Names that the file exports need no import in its examples. A block fenced with `ts no-run` and a reason is
 * type-checked only, as on a page.
 * @param importPath - How the modules name the file that they import from.
 */
export function examplesOf(file: SourceFile, importPath: string): PageSnippets {
  const snippets: Snippet[] = []
  const violations: Violation[] = []
  for (const block of exampleBlocks(file)) {
    const module = moduleText(file.path, [block])
    violations.push(...module.violations)
    const notRun = /^ts no-run (.+)$/.exec(block.info)?.[1]
    const text = importLine(file, module.text, importPath) + module.text
    snippets.push({ path: file.path, line: block.line, text, notRun })
  }
  return { snippets, violations }
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

/** Imports on the module's first line, which is always free: the names of the file that the example uses. */
function importLine(file: SourceFile, text: string, importPath: string): string {
  const tree = ts.createSourceFile('example.ts', text, ts.ScriptTarget.Latest, true)
  const used = new Set<string>()
  const own = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) used.add(node.text)
    if ((ts.isVariableDeclaration(node) || ts.isImportSpecifier(node)) && ts.isIdentifier(node.name))
      own.add(node.name.text)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  const names = exportedNames(file).filter(({ name }) => used.has(name) && !own.has(name))
  if (names.length === 0) return ''
  const list = names.map(({ name, isType }) => (isType ? `type ${name}` : name)).join(', ')
  return `import { ${list} } from ${JSON.stringify(importPath)};`
}

function exportedNames(file: SourceFile): ReadonlyArray<{ readonly name: string; readonly isType: boolean }> {
  return syntaxOf(file).statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return []
    if (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) return []
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => ({ name: name.getText(), isType: false }))
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    const { name } = statement as { name?: ts.Node }
    return name === undefined ? [] : [{ name: name.getText(), isType }]
  })
}
