// The site's own part of TypeDoc: addresses, names, order of pages, and what need not be documented.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import {
  Application,
  Comment,
  type Context,
  Converter,
  type DeclarationReflection,
  type DocumentReflection,
  type ProjectReflection,
  ReflectionKind,
} from 'typedoc'
import { undocumentedByIntent } from './intent.ts'
import { placeOf, sectionOrder, titleOf } from './pages.ts'
import { root } from './root.ts'
import { pathOf, PathRouter } from './router.ts'
import { markSourceLinks, showSourceLinks } from './sources.ts'

/** TypeDoc calls this. */
export function load(app: Application): void {
  app.renderer.defineRouter('path', PathRouter)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, placeEntries)
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    showSourcePaths(project)
    app.options.setValue('intentionallyNotDocumented', undocumentedByIntent(project))
  })
  app.on(
    Application.EVENT_PROJECT_REVIVE,
    (project: ProjectReflection) => {
      sortDocuments(project)
      trimReadmes(project)
      markSourceLinks(project)
    },
    100,
  )
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('router', 'path')
    app.options.setValue('categoryOrder', [...sectionOrder])
    app.options.setValue('markdownItLoader', showSourceLinks)
  })
}

/** What `index.ts` exports stands at the package itself; another entry says what it holds and what it is imported from. */
function placeEntries({ project }: Context): void {
  for (const entry of project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[]) {
    if (entry.name === 'index') {
      project.mergeReflections(entry, project)
      continue
    }
    const [source] = entry.sources ?? []
    const sentence = source === undefined ? '' : firstSentence(source.fullFileName)
    const from = `Imported from \`${project.packageName}/${entry.name}\`.`
    entry.comment ??= new Comment([{ kind: 'text', text: `${sentence}\n\n${from}` }])
  }
}

/** The sentence in a `//` comment with which every source file opens. */
function firstSentence(file: string): string {
  return /^(?:\/\/ .+\n)+/.exec(readFileSync(file, 'utf8'))?.[0].replaceAll(/^\/\/ /gm, '') ?? ''
}

function sortDocuments(project: ProjectReflection): void {
  const place = new Map<DocumentReflection, number>()
  for (const page of project.documents ?? []) {
    const path =
      pathOf(page)
        ?.replace(/^docs\//, '')
        .replace(/\.md$/, '') ?? page.name
    const { section, place: at } = placeOf(path)
    place.set(page, at)
    page.frontmatter['category'] = section
    page.name = titleOf(Comment.combineDisplayParts(page.content)) ?? page.name
  }
  const byPlace = (left: DocumentReflection, right: DocumentReflection) =>
    (place.get(left) ?? 0) - (place.get(right) ?? 0)
  project.documents?.sort(byPlace)
  project.childrenIncludingDocuments?.sort((left, right) =>
    left.isDocument() && right.isDocument() ? byPlace(left, right) : 0,
  )
}

/** A package's page has its name as heading already. */
function trimReadmes(project: ProjectReflection): void {
  for (const module of project.children ?? []) {
    const [first] = module.readme ?? []
    if (first?.kind === 'text') first.text = first.text.replace(/^# .+\n+/, '')
  }
}

/** There is no repository to point at: path and line are shown, and lead nowhere. */
function showSourcePaths(project: ProjectReflection): void {
  for (const reflection of Object.values(project.reflections)) {
    if (!reflection.isDeclaration() && !reflection.isSignature()) continue
    for (const source of reflection.sources ?? []) {
      source.fileName = relative(root, source.fullFileName).replaceAll('\\', '/') as typeof source.fileName
      delete source.url
    }
  }
}
