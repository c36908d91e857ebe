// What every handler answers with: cookies, headers and a status, as data, and as a Response for who wants one.
import type { OAuthError } from '@tallystick/core'
import { type Cookie, toSetCookie } from '@tallystick/cookie'

/** An answer that any framework can send: set `cookies` and `headers` yourself, or take the `Response`. */
export interface Answer {
  /** The HTTP status that belongs to the answer. */
  readonly status: number
  /**
   * The cookies to set; empty where the browser keeps what it has. A value may be a credential: never log it. In an answer
   * that serves they are not enumerable: take them by their name, a copy with `...` has none.
   */
  readonly cookies: readonly Cookie[]
  /** The headers to set, with lower-case names; `set-cookie` is not among them. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * The answer as a Response, cookies and headers included.
   *
   * @param body - Default: the answer's own, which holds no token and no credential. With one of yours a 204 is a 200.
   * @param init - A status and headers beside the answer's own, which stand.
   */
  toResponse(body?: BodyInit | null, init?: AnswerInit): Response
  /**
   * A response of yours, with the answer's cookies and headers added.
   *
   * Where both set a cookie of one name the answer's stands: of two answers to one request, apply the later one last.
   */
  applyTo(response: Response): Response
}

/** What may be said of a Response beside the answer's own. */
export interface AnswerInit {
  /** Default: the answer's. */
  readonly status?: number | undefined
  /** Headers beside the answer's; where both name one, the answer's stands, and `Vary` is joined. */
  readonly headers?: Readonly<Record<string, string>> | Headers | undefined
}

/** What an answer is made of. */
export interface AnswerParts {
  readonly status: number
  readonly cookies?: readonly Cookie[] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What `toResponse()` sends as JSON; nothing where absent. */
  readonly json?: object | undefined
}

/** Makes an answer, frozen. */
export function createAnswer({ status, cookies = [], headers = {}, json }: AnswerParts): Answer {
  const own = Object.freeze(withDefaults(headers))
  const add = (target: Headers): Headers => addTo(target, own, cookies)
  return Object.freeze({
    status,
    cookies: Object.freeze([...cookies]),
    headers: own,
    toResponse(body?: BodyInit | null, init: AnswerInit = {}) {
      const isOwn = body === undefined && json !== undefined
      const given = new Headers(init.headers)
      if (isOwn) given.set('content-type', 'application/json')
      return new Response(isOwn ? JSON.stringify(json) : (body ?? null), {
        status: init.status ?? (status === NO_CONTENT && (body ?? null) !== null ? 200 : status),
        headers: add(given),
      })
    },
    applyTo(response: Response) {
      const { body, status: given, statusText } = response
      return new Response(body, { status: given, statusText, headers: add(new Headers(response.headers)) })
    },
  })
}

/** The answer of a refusal: the status and headers of its error, its code and description as JSON (RFC 6749 §5.2). */
export function refusalAnswer({ code, description, status, headers }: OAuthError): Answer {
  return createAnswer({ status, headers, json: { error: code, error_description: description } })
}

/** The parts of a `Vary` header, each once. */
export function joinVary(...values: ReadonlyArray<string | null | undefined>): string {
  const names = values.flatMap((value) => value?.split(',') ?? []).map((name) => name.trim())
  const seen = new Map(names.filter((name) => name !== '').map((name) => [name.toLowerCase(), name]))
  return seen.has('*') ? '*' : [...seen.values()].join(', ')
}

/** The Set-Cookie lines of an answer with new ones: a name is set once in an answer (RFC 6265bis §4.1.1). */
export function joinCookies(lines: readonly string[], added: readonly string[]): readonly string[] {
  const names = new Set(added.map(cookieName))
  return [...lines.filter((line) => !names.has(cookieName(line))), ...added]
}

function cookieName(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf('='))).trim()
}

function addTo(target: Headers, own: Readonly<Record<string, string>>, cookies: readonly Cookie[]): Headers {
  for (const [name, value] of Object.entries(own)) {
    target.set(name, name === 'vary' ? joinVary(target.get('vary'), value) : value)
  }
  const lines = joinCookies(target.getSetCookie(), cookies.map(toSetCookie))
  target.delete('set-cookie')
  for (const line of lines) target.append('set-cookie', line)
  return target
}

/** What is said to one user is kept by no cache, and differs by what the rules against forgery look at. */
function withDefaults(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { ...named, 'cache-control': NO_STORE, vary: joinVary(VARY, named['vary']) }
}

/** RFC 9111 §5.2.2.5: no part of the response is stored. `private` is for caches that know no better. */
const NO_STORE = 'private, no-store'
const NO_CONTENT = 204
const VARY = 'Cookie, Sec-Fetch-Site, Origin'
