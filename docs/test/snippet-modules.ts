// Writes every snippet of the documentation as a module under docs/.snippets and has the compiler check them all.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageSources, readRepository, repositoryRoot, type SourceFile } from '@tallystick/repo-checks'
import { examplesOf, namesOf, type KnownName } from '@tallystick/repo-checks/examples'
import { snippetsOf, type PageSnippets, type Snippet } from '@tallystick/repo-checks/snippets'

/** A snippet that stands on disk. */
export interface WrittenSnippet extends Snippet {
  readonly file: string
  /** The compiler's complaints, with the page's line numbers. */
  readonly typeErrors: readonly string[]
}

const folder = join(repositoryRoot, 'docs/.snippets')

/** What README.md, every package's README.md and the pages directly under docs show. */
export function pageSnippets(): PageSnippets {
  const pages = readRepository().filter(({ path }) => /^(packages\/[^/]+\/|docs\/)?[^/]+\.md$/.test(path))
  return joined(pages.map((page) => snippetsOf(page)))
}

/**
 * What doc comments show as `@example`.
 *
 * An example may use without import: names of its own file, of its package, of core,
 * what docs/test/givens has, and names of the other packages.
 */
export function exampleSnippets(): PageSnippets {
  const files = readRepository()
  const sources = packageSources(files)
  const givens = files.filter(({ path }) => path.startsWith('docs/test/givens/'))
  const packageOf = (path: string): string | undefined => path.split('/')[1]
  return joined(
    sources.map((file) => {
      const own = sources.filter(({ path }) => packageOf(path) === packageOf(file.path))
      const core = sources.filter(({ path }) => packageOf(path) === 'core')
      return examplesOf(file, namesIn([file, ...own, ...core, ...givens, ...sources]))
    }),
  )
}

function namesIn(files: readonly SourceFile[]): readonly KnownName[] {
  return files
    .filter(({ path }) => !path.endsWith('/index.ts'))
    .flatMap((file) => namesOf(file, join(repositoryRoot, file.path)))
}

/** Writes the snippets and checks their types in one run of the compiler. */
export function writeSnippets(name: string, snippets: readonly Snippet[]): readonly WrittenSnippet[] {
  const own = join(folder, name)
  rmSync(own, { recursive: true, force: true })
  if (snippets.length === 0) return []
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'tsconfig.json'), JSON.stringify(COMPILER))
  const written = snippets.map((snippet) => {
    const file = join(own, `${snippet.path.replaceAll('/', '__')}.L${snippet.line}.ts`)
    writeFileSync(file, IMPORTS + snippet.text)
    return { ...snippet, file }
  })
  const compiler = join(repositoryRoot, 'node_modules/typescript-7/bin/tsc')
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', own, '--pretty', 'false'], {
    cwd: own,
    encoding: 'utf8',
  })
  const complaints = stdout.split('\n').filter((line) => line !== '')
  const found = written.map((snippet) => ({
    ...snippet,
    typeErrors: complaintsOf(snippet.file, snippet.path, complaints),
  }))
  const known = found.reduce((sum, { typeErrors }) => sum + typeErrors.length, 0)
  if (status !== 0 && known === 0) throw new Error(`the compiler failed on the snippets: ${stdout}`)
  return found
}

function complaintsOf(file: string, path: string, complaints: readonly string[]): readonly string[] {
  const start = `${file.slice(file.lastIndexOf('/') + 1)}(`
  return complaints
    .filter((line) => line.startsWith(start))
    .map((line) => line.replace(start, `${path}:`).replace(/,\d+\)/, ''))
}

function joined(pages: readonly PageSnippets[]): PageSnippets {
  return {
    snippets: pages.flatMap(({ snippets }) => snippets),
    violations: pages.flatMap(({ violations }) => violations),
  }
}

// Stands on the first line, which is never a line of code on a page: a fence or a comment opens before it.
const IMPORTS = `import { expectMembers, expectThrow, expectValue } from '../../test/expectations.ts';`
const COMPILER = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    types: ['node'],
  },
  include: ['*.ts'],
}
