// Checks that what pages point at stands there: links between files, and paths named in code spans.
import { posix } from 'node:path'
import { linesOf } from './text-rules.ts'
import type { SourceFile, Violation } from './violation.ts'

/** Links to files, and paths under `packages/`, `docs/`, `scripts/` or `benchmarks/`, that lead nowhere. */
export function checkLinks(files: readonly SourceFile[]): readonly Violation[] {
  const present = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]))
  return files
    .filter(({ path }) => path.endsWith('.md') && !path.startsWith('.changeset/'))
    .flatMap(({ path, text }) =>
      linesOf(text).flatMap((content, index) =>
        targetsIn(content, posix.dirname(path))
          .filter((target) => !present.has(target))
          .map((target) => ({ path, line: index + 1, message: `points at ${target}, which is not there` })),
      ),
    )
}

function targetsIn(content: string, folder: string): readonly string[] {
  const links = [...content.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => posix.normalize(posix.join(folder, target)).replace(/\/$/, ''))
  const spans = [...content.matchAll(/`((?:packages|docs|scripts|benchmarks)\/[\w./-]+)`/g)].map(([, target = '']) =>
    target.replace(/\/$/, ''),
  )
  return [...links, ...spans]
}

function foldersOf(path: string): readonly string[] {
  const steps = path.split('/')
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('/'))
}
