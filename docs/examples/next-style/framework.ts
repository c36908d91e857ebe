// A model of Next's rules for cookies: read everywhere, set in server actions and route handlers alone.
import { AsyncLocalStorage } from 'node:async_hooks'

/** The options of Next's `cookies().set`. */
export interface CookieOptions {
  readonly path?: string | undefined
  readonly domain?: string | undefined
  readonly secure?: boolean | undefined
  readonly httpOnly?: boolean | undefined
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined
  readonly partitioned?: boolean | undefined
  readonly maxAge?: number | undefined
}

export interface CookieStore {
  getAll(): ReadonlyArray<{ readonly name: string; readonly value: string }>
  set(name: string, value: string, options?: CookieOptions): void
}

/** `cookies` of `next/headers`: what the browser sent, and what an action has set since. */
export async function cookies(): Promise<CookieStore> {
  const { phase, jar, setCookies } = current()
  return {
    getAll: () => [...jar].map(([name, value]) => ({ name, value })),
    set(name, value, options = {}) {
      if (phase === 'render') throw new Error('Cookies can only be modified in a Server Action or Route Handler.')
      if (options.maxAge === 0) jar.delete(name)
      else jar.set(name, value)
      setCookies.set(name, serialize(name, value, options))
    },
  }
}

/** `headers` of `next/headers`: what the browser sent, and nothing that was set since. */
export async function headers(): Promise<Headers> {
  return new Headers(current().request.headers)
}

/** What came of a request: the page, and the Set-Cookie lines. */
export interface Served {
  readonly html: string
  readonly setCookies: readonly string[]
}

/** Renders a page, after an action in the same request where there is one: Next renders again what an action changed. */
export async function serve(
  request: Request,
  page: () => Promise<string>,
  action: () => Promise<unknown> = async () => undefined,
): Promise<Served> {
  const scope = { request, jar: parse(request), setCookies: new Map<string, string>() }
  await storage.run({ ...scope, phase: 'action' }, action)
  const html = await storage.run({ ...scope, phase: 'render' }, page)
  return { html, setCookies: [...scope.setCookies.values()] }
}

/** Runs a route handler. */
export async function serveRoute(
  request: Request,
  handler: (request: Request) => Promise<Response>,
): Promise<Response> {
  const scope: Scope = { request, jar: parse(request), setCookies: new Map(), phase: 'action' }
  const response = await storage.run(scope, () => handler(request))
  for (const line of scope.setCookies.values()) response.headers.append('set-cookie', line)
  return response
}

interface Scope {
  readonly request: Request
  readonly jar: Map<string, string>
  readonly setCookies: Map<string, string>
  readonly phase: 'render' | 'action'
}

const storage = new AsyncLocalStorage<Scope>()

function current(): Scope {
  const scope = storage.getStore()
  if (scope === undefined) throw new Error('cookies and headers were called outside a request scope.')
  return scope
}

function parse(request: Request): Map<string, string> {
  const pairs = (request.headers.get('cookie') ?? '').split('; ').filter((pair) => pair.includes('='))
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
    }),
  )
}

/** As Next does it: the path is `/` where left out, and values are percent-encoded. */
function serialize(name: string, value: string, options: CookieOptions): string {
  const { path = '/', domain, secure, httpOnly, sameSite, partitioned, maxAge } = options
  const parts = [`${name}=${encodeURIComponent(value)}`, `Path=${path}`]
  if (domain !== undefined) parts.push(`Domain=${domain}`)
  if (maxAge !== undefined) parts.push(`Max-Age=${maxAge}`)
  if (secure === true) parts.push('Secure')
  if (httpOnly === true) parts.push('HttpOnly')
  if (sameSite !== undefined) parts.push(`SameSite=${sameSite}`)
  if (partitioned === true) parts.push('Partitioned')
  return parts.join('; ')
}
