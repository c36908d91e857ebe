// Where a request of the page may go: routes with fixed targets, and how a path is joined to one (RFC 10017 §6.1.3.6).
import { mistake } from '@tallystick/core/options'
import type { AuthenticationRequirement } from '@tallystick/session'

/** One part of the application's own address space, and the API behind it. */
export interface ApiRoute {
  /** `/api/orders`: this path and everything below it. */
  readonly path: string
  /** The methods that may be sent, in capitals. */
  readonly methods: readonly string[]
  /** An https URL; what lies below `path` is appended to its path. http only for this machine. */
  readonly target: string
  /** The resource servers of the access token; the server's own where left out. */
  readonly audience?: string | readonly string[] | undefined
  /** The scope of the access token: never more than the session has. */
  readonly scope?: string | undefined
  /** How strongly, and how recently, the user must have authenticated. */
  readonly requirement?: AuthenticationRequirement | undefined
}

/** A route, checked. */
export interface ResolvedApiRoute extends ApiRoute {
  readonly origin: string
  /** `path` as an API may read it. */
  readonly read: string
  /** The path of the target, without a slash at its end. */
  readonly pathname: string
}

/**
 * Checks routes once and puts the longest path first.
 *
 * @throws TypeError naming the field and what is allowed.
 */
export function resolveRoutes(owner: string, routes: readonly ApiRoute[]): readonly ResolvedApiRoute[] {
  if (!Array.isArray(routes) || routes.length === 0)
    throw mistake(owner, 'routes', 'must be a list of at least one route', routes)
  const paths = new Set<string>()
  const resolved = (routes as readonly ApiRoute[]).map((route, index) => {
    const field = `routes.${index}`
    const { path, methods, target } = route
    if (!isPlainPath(path) || path.endsWith('/'))
      throw mistake(
        owner,
        `${field}.path`,
        'must be an absolute path of plain segments, without a slash at its end',
        path,
      )
    const read = decoded(path) ?? path
    if (paths.has(read)) throw mistake(owner, `${field}.path`, 'must be the path of one route', path)
    paths.add(read)
    const unknown = Array.isArray(methods) && methods.length > 0 ? methods.find((one) => !METHODS.has(one)) : methods
    if (unknown !== undefined)
      throw mistake(owner, `${field}.methods`, 'must be a list of GET, HEAD, POST, PUT, PATCH, DELETE', unknown)
    return Object.freeze({ ...route, read, ...resolveTarget(owner, `${field}.target`, target) })
  })
  return resolved.toSorted((left, right) => right.path.length - left.path.length)
}

/** The route of a path: the longest that the path is, or lies below. */
export function routeOf(routes: readonly ResolvedApiRoute[], pathname: string): ResolvedApiRoute | undefined {
  return routes.find(({ path }) => isBelow(pathname, path))
}

/**
 * The URL that a request goes to, or `undefined` where its path is anything but plain segments below the target's, or
 * another spelling of a path that has a route of its own.
 *
 * The target's scheme, host and port are never made from text of the request.
 *
 * @param pathname - As it stands in the request: what goes out is not decoded.
 * @param search - The query with its `?`, or nothing.
 */
export function targetUrl(
  routes: readonly ResolvedApiRoute[],
  route: ResolvedApiRoute,
  pathname: string,
  search: string,
): string | undefined {
  const rest = pathname.slice(route.path.length)
  if (rest !== '' && !isPlainPath(rest)) return undefined
  // `/api/%61dmin` and `/api/Admin` must not get by the rules of `/api/admin`: to the API they may be one path.
  const read = decoded(pathname)
  if (read === undefined || routes.find((one) => isBelow(read, one.read)) !== route) return undefined
  if (search !== '' && !QUERY.test(search)) return undefined
  const path = route.pathname + rest
  const text = route.origin + (path === '' ? '/' : path) + search
  if (text.length > URL_CHARACTERS_MAX) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  // What a URL parser would have read in another way than this text says does not leave.
  return url?.href === text && url.origin === route.origin ? text : undefined
}

function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`)
}

/** A path as an API may read it: decoded, and in any letters; `undefined` where it is no UTF-8. */
function decoded(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname).toLowerCase()
  } catch {
    return undefined
  }
}

/**
 * Whether a path is one or more plain segments: no dot segment, no empty one but the last, no slash, backslash, dot,
 * percent sign, semicolon or control character in disguise, and nothing that needs encoding.
 */
export function isPlainPath(path: unknown): path is string {
  if (typeof path !== 'string' || !PATH.test(path) || HIDDEN.test(path)) return false
  const segments = path.split('/').slice(1)
  return segments.every(
    (segment, index) => segment !== '.' && segment !== '..' && (segment !== '' || index === segments.length - 1),
  )
}

function resolveTarget(owner: string, field: string, target: unknown): Pick<ResolvedApiRoute, 'origin' | 'pathname'> {
  const url = typeof target === 'string' && URL.canParse(target) ? new URL(target) : undefined
  const isLocal = url?.protocol === 'http:' && LOCAL_HOSTS.has(url.hostname)
  const isPlain = url !== undefined && (url.pathname === '/' || isPlainPath(url.pathname))
  const text = `${url?.origin ?? ''}${url?.pathname ?? ''}`
  // Neither user name, query nor fragment, and nothing that the parser had to straighten.
  const isWhole = target === text || `${String(target)}/` === text
  if (url === undefined || !isPlain || !isWhole || !(url.protocol === 'https:' || isLocal))
    throw mistake(
      owner,
      field,
      'must be an https URL of origin and plain path',
      typeof target === 'string' ? 'text' : target,
    )
  return { origin: url.origin, pathname: url.pathname.replace(/\/$/, '') }
}

// path-abempty without `;` and `@`, which servers read in ways of their own (RFC 3986 §3.3).
const PATH = /^(?:\/(?:[A-Za-z0-9._~!$&'()*+,=:-]|%[0-9A-Fa-f]{2})*)+$/
/** Encoded controls, `#`, `%`, `.`, `/`, `;`, `?`, `\` and DEL: what a second decoder would take for structure. */
const HIDDEN = /%(?:[01][0-9a-f]|23|25|2e|2f|3b|3f|5c|7f)/i
const QUERY = /^\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?[\]|^`{}"\\-]|%[0-9A-Fa-f]{2})*$/
const URL_CHARACTERS_MAX = 8000
const METHODS: ReadonlySet<unknown> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
