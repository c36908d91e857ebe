// Addresses of the site: pages keep the path they have in the repository, symbols stand under what they are imported from.
import { relative } from 'node:path'
import { BaseRouter, Reflection, type RouterTarget } from 'typedoc'
import { root } from './root.ts'

/** `docs/jwt.html`, `docs/decisions/index.html`, `packages/jwt.html`, `packages/jwt/keys/Jwk.html`. */
export class PathRouter extends BaseRouter {
  protected override getIdealBaseName(target: RouterTarget): string {
    const file = target instanceof Reflection && target.isDocument() ? pathOf(target) : undefined
    if (file !== undefined) return file.replace(/\.md$/, '').replace(/(^|\/)README$/, '$1index')
    return `packages/${stepsOf(target)
      .map((step) => this.getUrlSafeName(step))
      .join('/')}`
  }
}

/** A page's path from the repository's root. */
export function pathOf(page: Reflection): string | undefined {
  const path = page.project.files.getReflectionPath(page)
  return path === undefined ? undefined : relative(root, path).replaceAll('\\', '/')
}

/** A package's folder, the entry if it is not the package's own, and the symbol. */
function stepsOf({ name, parent }: RouterTarget): readonly string[] {
  return parent?.parent === undefined ? [name.replace(/^@tallystick\//, '')] : [...stepsOf(parent), name]
}
