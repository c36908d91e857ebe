// Reads a TypeScript file's syntax once: its tree, and every module specifier in it (type-only and dynamic ones too).
import ts from 'typescript'
import type { SourceFile } from './violation.ts'

/** One mention of another module. */
export interface ModuleMention {
  readonly specifier: string
  /** Counted from 1. */
  readonly line: number
  /** `export`: the names go out again. `dynamic`: `import()` of a value or of a type. */
  readonly kind: 'import' | 'export' | 'dynamic'
  /** The local names that an `import` statement binds. */
  readonly names: readonly string[]
}

/** The syntax tree of a file; the same object for the same file. */
export function syntaxOf(file: SourceFile): ts.SourceFile {
  const known = trees.get(file)
  if (known !== undefined) return known
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  trees.set(file, tree)
  return tree
}

/** Every module that a file mentions. */
export function mentionsOf(file: SourceFile): readonly ModuleMention[] {
  const tree = syntaxOf(file)
  const found: ModuleMention[] = []
  const visit = (node: ts.Node): void => {
    const one = mentionIn(node)
    if (one !== undefined) found.push({ ...one, line: lineOf(tree, node) })
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** The line of a node, counted from 1. */
export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

function mentionIn(node: ts.Node): Omit<ModuleMention, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) return mention(node.moduleSpecifier, 'import', boundNames(node.importClause))
  if (ts.isExportDeclaration(node)) return mention(node.moduleSpecifier, 'export')
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return mention(node.arguments[0], 'dynamic')
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return mention(node.argument.literal, 'dynamic')
  return undefined
}

function mention(
  specifier: ts.Node | undefined,
  kind: ModuleMention['kind'],
  names: readonly string[] = [],
): Omit<ModuleMention, 'line'> | undefined {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return undefined
  return { specifier: specifier.text, kind, names }
}

function boundNames(clause: ts.ImportClause | undefined): readonly string[] {
  if (clause === undefined) return []
  const bindings = clause.namedBindings
  const named =
    bindings === undefined
      ? []
      : ts.isNamespaceImport(bindings)
        ? [bindings.name.text]
        : bindings.elements.map((element) => element.name.text)
  return clause.name === undefined ? named : [clause.name.text, ...named]
}

const trees = new WeakMap<SourceFile, ts.SourceFile>()
