// Checks the documentation site: what it is made from, and that every link of the built pages leads somewhere.
import { posix } from 'node:path'
import { manifestsOf } from './manifests.ts'
import type { SourceFile, Violation } from './violation.ts'

/** Links of built pages to files or anchors that are not there. Links to other sites are not followed. */
export function checkSite(files: readonly SourceFile[]): readonly Violation[] {
  const anchors = new Map(files.map(({ path, text }) => [path, anchorsIn(text)]))
  return files.filter(({ path }) => path.endsWith('.html')).flatMap((page) => deadLinks(page, anchors))
}

/** Public packages whose `typedoc.json` does not name every entry of `exports`, or names something else. */
export function checkSiteEntries(files: readonly SourceFile[]): readonly Violation[] {
  return manifestsOf(files).flatMap(({ folder, private: isPrivate, exports = {} }) => {
    if (isPrivate === true) return []
    const path = `packages/${folder}/typedoc.json`
    const text = files.find((file) => file.path === path)?.text ?? '{}'
    const { entryPoints = [] } = JSON.parse(text) as { readonly entryPoints?: readonly string[] }
    const sources = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [] : [(target['@tallystick/source'] ?? '').replace(/^\.\//, '')],
    )
    const isSame = entryPoints.join() === sources.join()
    return isSame ? [] : [{ path, message: `entryPoints must be ${JSON.stringify(sources)}, as in exports` }]
  })
}

function deadLinks(
  { path, text }: SourceFile,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Violation[] {
  const links = new Set([...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link))
  return [...links].flatMap((link) => {
    if (/^(?:[a-z]+:|\/\/)/i.test(link)) return []
    const [address = '', anchor = ''] = decoded(link).split('#', 2)
    const file = address.split('?')[0] ?? ''
    const target = file === '' ? path : asFile(posix.join(posix.dirname(path), file))
    const found = anchors.get(target)
    if (found === undefined) return [{ path, message: `links to ${target}, which is not there` }]
    if (anchor === '' || found.has(anchor)) return []
    return [{ path, message: `links to #${anchor} of ${target}, which is not there` }]
  })
}

function anchorsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => decoded(id)))
}

function asFile(path: string): string {
  return path === '.' || path === './' ? 'index.html' : path.endsWith('/') ? `${path}index.html` : path
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&'))
}
