// Links to files that are no pages of the site: there is no repository to point at, so they become the file's path.
import { relative } from 'node:path'
import { type Comment, type CommentDisplayPart, type ProjectReflection } from 'typedoc'
import { root } from './root.ts'

/** What stands in a link's target instead of an address, between the two passes. */
const MARK = 'source-file:'

/** Marks every link of the site's texts that leads to a file and not to a page. */
export function markSourceLinks(project: ProjectReflection): void {
  mark(project, project.readme)
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.isDocument()) mark(project, reflection.content)
    if (reflection.isDeclaration()) mark(project, reflection.readme)
    forEachPart(reflection.comment, (parts) => mark(project, parts))
  }
}

/** Teaches markdown-it to print a marked link as its text, with the path to be read on pointing at it. */
export function showSourceLinks(parser: MarkdownIt): void {
  const usual = parser.renderer.rules['link_open'] ?? ((...given) => given[4].renderToken(given[0], given[1], given[2]))
  parser.renderer.rules['link_open'] = (...given) => {
    const [tokens, at] = given
    const href = tokens[at]?.attrGet('href') ?? ''
    if (!href.startsWith(MARK)) return usual(...given)
    const close = tokens.findIndex(({ type }, index) => index > at && type === 'link_close')
    const closing = tokens[close]
    if (closing !== undefined) closing.tag = 'span'
    return `<span class="source-file" title="${parser.utils.escapeHtml(href.slice(MARK.length))}">`
  }
}

function mark(project: ProjectReflection, parts: CommentDisplayPart[] | undefined): void {
  parts?.forEach((part, index) => {
    if (part.kind !== 'relative-link' || part.target === undefined) return
    const target = project.files.resolve(part.target, project)
    if (typeof target !== 'string') return
    parts[index] = { kind: 'text', text: MARK + relative(root, target).replaceAll('\\', '/') }
  })
}

function forEachPart(comment: Comment | undefined, see: (parts: CommentDisplayPart[]) => void): void {
  if (comment === undefined) return
  see(comment.summary)
  for (const { content } of comment.blockTags) see(content)
}

interface Token {
  readonly type: string
  tag: string
  attrGet(name: string): string | null
}

type Rule = (
  ...given: [tokens: readonly Token[], at: number, options: unknown, environment: unknown, renderer: Renderer]
) => string

interface Renderer {
  readonly rules: Record<string, Rule | undefined>
  renderToken(tokens: readonly Token[], at: number, options: unknown): string
}

/** What is used of markdown-it, which brings no types of its own. */
export interface MarkdownIt {
  readonly renderer: Renderer
  readonly utils: { escapeHtml(text: string): string }
}
