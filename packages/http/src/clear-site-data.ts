// The `Clear-Site-Data` header: what a browser forgets of a site (Clear Site Data §3.1).
import { mistake } from '@tallystick/core/options'

/**
 * What a browser is told to forget.
 *
 * `cookies` reaches further than its name says: the cookies of the whole registrable domain go, also those of its other
 * hosts. `cache` and `storage` are the origin's own.
 */
export type ClearSiteDataKind = 'cache' | 'clientHints' | 'cookies' | 'executionContexts' | 'storage'

/**
 * The header that makes a browser forget what it keeps of the site.
 *
 * @param kinds - What to forget; cache, cookies and storage where left out.
 * @throws TypeError for a kind that does not exist.
 * @example
 * clearSiteData() // => { 'clear-site-data': '"cache", "cookies", "storage"' }
 * clearSiteData('storage') // => { 'clear-site-data': '"storage"' }
 * @see {@link https://www.w3.org/TR/clear-site-data/#header Clear Site Data §3.1}
 */
export function clearSiteData(...kinds: readonly ClearSiteDataKind[]): Readonly<Record<string, string>> {
  const asked = kinds.length === 0 ? SIGN_OUT_KINDS : [...new Set(kinds)]
  for (const kind of asked) if (!KINDS.has(kind)) throw mistake('clearSiteData', 'kinds', KINDS_ALLOWED, kind)
  return { 'clear-site-data': asked.map((kind) => `"${kind}"`).join(', ') }
}

const SIGN_OUT_KINDS: readonly ClearSiteDataKind[] = ['cache', 'cookies', 'storage']
const KINDS: ReadonlySet<string> = new Set(['cache', 'clientHints', 'cookies', 'executionContexts', 'storage'])
const KINDS_ALLOWED = 'must be cache, clientHints, cookies, executionContexts or storage'
