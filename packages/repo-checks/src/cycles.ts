// Finds circles of imports inside a package and across packages, type-only imports included.
import { mentionsOf } from './modules.ts'
import { ourModule } from './floors.ts'
import type { SourceFile, Violation } from './violation.ts'

/** Each circle once, reported at its first file in the order of paths. */
export function checkCycles(sources: readonly SourceFile[]): readonly Violation[] {
  const graph = new Map(sources.map((file) => [file.path, targetsOf(file)]))
  const finished = new Set<string>()
  const violations: Violation[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      violations.push(describe([...trail.slice(start), path]))
      return
    }
    if (finished.has(path)) return
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path])
    finished.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return violations
}

/** The files that can be reached from one, itself included, and the packages of others that they import. */
export function reachFrom(
  path: string,
  sources: readonly SourceFile[],
): { readonly paths: ReadonlySet<string>; readonly specifiers: ReadonlySet<string> } {
  const byPath = new Map(sources.map((file) => [file.path, file]))
  const paths = new Set<string>()
  const specifiers = new Set<string>()
  const walk = (next: string): void => {
    const file = byPath.get(next)
    if (file === undefined || paths.has(next)) return
    paths.add(next)
    for (const { specifier } of mentionsOf(file)) if (!specifier.startsWith('.')) specifiers.add(specifier)
    for (const target of targetsOf(file)) walk(target)
  }
  walk(path)
  return { paths, specifiers }
}

function targetsOf(file: SourceFile): readonly string[] {
  return mentionsOf(file).flatMap(({ specifier }) => {
    if (specifier.startsWith('.')) return [new URL(specifier, `file:///${file.path}`).pathname.slice(1)]
    const ours = ourModule(specifier)
    return ours === undefined ? [] : [`packages/${ours.name}/src/${ours.entry === '.' ? 'index' : ours.entry}.ts`]
  })
}

function describe(circle: readonly string[]): Violation {
  return { path: circle[0] ?? '', message: `stands in a circle of imports: ${circle.join(' → ')}` }
}
