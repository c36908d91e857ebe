// Checks every import of every package against the floors, and that only the umbrella passes names on.
import ts from 'typescript'
import type { ModuleMention } from './modules.ts'
import { lineOf, mentionsOf, syntaxOf } from './modules.ts'
import type { Place } from './floors.ts'
import { otherPackage, ourModule, packageOf, placeOf } from './floors.ts'
import type { SourceFile, Violation } from './violation.ts'

/** Imports in packages' `src` folders that the table of floors does not allow. */
export function checkImports(sources: readonly SourceFile[]): readonly Violation[] {
  return sources.flatMap((file) => {
    const name = packageOf(file.path)
    const place = name === undefined ? undefined : placeOf(name)
    if (name === undefined || place === undefined)
      return [{ path: file.path, message: 'belongs to a package that the table of floors does not name' }]
    return mentionsOf(file).flatMap((mention) => {
      const message = refusalOf(mention, file.path, name, place)
      return message === undefined ? [] : [{ path: file.path, line: mention.line, message }]
    })
  })
}

/** Names of one package that another than the umbrella exports again, directly or by import and export. */
export function checkReexports(sources: readonly SourceFile[]): readonly Violation[] {
  return sources.flatMap((file) => {
    if (packageOf(file.path) === 'tallystick') return []
    const mentions = mentionsOf(file)
    const direct = mentions.filter(({ kind, specifier }) => kind === 'export' && ourModule(specifier) !== undefined)
    const borrowed = new Map(
      mentions
        .filter(({ kind, specifier }) => kind === 'import' && ourModule(specifier) !== undefined)
        .flatMap(({ names, specifier }) => names.map((name) => [name, specifier] as const)),
    )
    return [
      ...direct.map(({ line, specifier }) => reexport(file, line, specifier)),
      ...localExports(file).flatMap(({ name, line }) => {
        const specifier = borrowed.get(name)
        return specifier === undefined ? [] : [reexport(file, line, specifier)]
      }),
    ]
  })
}

function refusalOf(mention: ModuleMention, path: string, name: string, place: Place): string | undefined {
  const { specifier } = mention
  if (specifier.startsWith('.')) return refusalOfRelative(specifier, path, name)
  if (specifier.startsWith('node:')) return undefined
  const ours = ourModule(specifier)
  if (ours === undefined) return refusalOfOthers(specifier, place)
  if (ours.name === name) return `imports its own package by name (${specifier}); use a relative path`
  if (ours.name === 'core' && ours.entry === 'system' && (place.kind === 'ground' || place.kind === 'pure'))
    return `imports core/system: below the shells time and chance are arguments`
  const allowed = place.ours.some(
    (entry) => entry === '*' || entry === ours.name || entry === `${ours.name}/${ours.entry}`,
  )
  return allowed ? undefined : `imports ${specifier}; ${name} may import ${listed(place.ours)}`
}

function refusalOfRelative(specifier: string, path: string, name: string): string | undefined {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1)
  if (!target.startsWith(`packages/${name}/src/`)) return `imports ${specifier}, which leaves the package's src folder`
  return specifier.endsWith('.ts') ? undefined : `imports ${specifier}; relative imports end in .ts`
}

function refusalOfOthers(specifier: string, place: Place): string | undefined {
  if (specifier === 'zod') return 'imports zod; take its small form, zod/mini'
  const name = otherPackage(specifier)
  if (place.others.includes('*') || place.others.includes(name)) return undefined
  return `imports ${specifier}; from others it may import ${listed(place.others)}`
}

function localExports(file: SourceFile): ReadonlyArray<{ readonly name: string; readonly line: number }> {
  const tree = syntaxOf(file)
  return tree.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return []
    const clause = statement.exportClause
    if (clause === undefined || !ts.isNamedExports(clause)) return []
    return clause.elements.map((element) => ({
      name: (element.propertyName ?? element.name).text,
      line: lineOf(tree, element),
    }))
  })
}

function reexport(file: SourceFile, line: number, specifier: string): Violation {
  return { path: file.path, line, message: `exports a name of ${specifier} again; only the umbrella does that` }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ')
}
