// Reads the repository from disk, once, as the list of files that the checks take.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourceFile } from './violation.ts'

/** The repository's root, with a slash at its end. */
export const repositoryRoot: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Every text file of the repository that people write: no dependencies, no build output, no lockfile. */
export function readRepository(root: string = repositoryRoot): readonly SourceFile[] {
  return pathsUnder(root, '').map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The files of packages that are built and published or run: `packages/<name>/src/**`. */
export function packageSources(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.filter(({ path }) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))
}

function pathsUnder(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (SKIPPED.has(entry.name) || SKIPPED.has(path)) return []
      if (entry.isDirectory()) return pathsUnder(root, path)
      return entry.isFile() && (TEXT.test(entry.name) || folder === '.ci') ? [path] : []
    })
}

const SKIPPED = new Set([
  '.git',
  'node_modules',
  '.toolchain',
  'dist',
  'coverage',
  'reports',
  '.stryker-tmp',
  '.snippets',
  'docs/site',
  'pnpm-lock.yaml',
])
const TEXT = /\.(ts|mts|mjs|cjs|js|json|md|yaml|yml|sh)$|^\.gitignore$|^LICENSE$/
