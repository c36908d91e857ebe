// A browser as far as servers notice: a jar that keeps to the rules of cookies, and the headers that pages send.
import { once } from 'node:events'
import { type IncomingMessage, request as sendRequest } from 'node:http'

/** What came back. */
export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What a page sends, and which page. */
export interface Sending {
  /** Sent as JSON; a text goes as it is, as `text/plain`. */
  readonly body?: unknown
  /** Which page asks: one of the application (default), one of another site, or the user by the address bar. */
  readonly from?: 'same-origin' | 'cross-site' | 'none'
  /** A browser of before Fetch Metadata and SameSite: it sends cookies wherever the request comes from. */
  readonly isOld?: boolean
  /** Cookies in the place of the jar's; what comes back is not kept then. */
  readonly cookie?: string
  /** Further headers: what proxies add, and what attackers try. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Browser {
  get(path: string, sending?: Sending): Promise<Page>
  post(path: string, sending?: Sending): Promise<Page>
  /** The Cookie header that a page of the application sends now. */
  cookie(): string
}

/**
 * Opens a browser on an application that listens on a port of this machine.
 *
 * @param origin - What stands in its address bar. With https, what lies between is a proxy that ends TLS: the application
 * gets plain HTTP with the outer host.
 */
export function openBrowser(port: number, origin: string): Browser {
  const jar = new Map<string, StoredCookie>()
  const isSecure = origin.startsWith('https:')
  const cookie = (): string => [...jar].map(([name, { value }]) => `${name}=${value}`).join('; ')

  async function send(method: string, path: string, sending: Sending): Promise<Page> {
    const { body, from = 'same-origin', isOld = false } = sending
    const sent = [...jar].filter(([, { sameSite }]) => from !== 'cross-site' || isOld || sameSite === 'none')
    const cookies = sending.cookie ?? sent.map(([name, { value }]) => `${name}=${value}`).join('; ')
    const headers = {
      host: new URL(origin).host,
      ...(isOld ? {} : { 'sec-fetch-site': from, 'sec-fetch-mode': from === 'none' ? 'navigate' : 'cors' }),
      ...(method === 'POST' ? { origin: from === 'cross-site' ? 'https://evil.example' : origin } : {}),
      ...(body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' }),
      ...(cookies === '' ? {} : { cookie: cookies }),
      ...sending.headers,
    }
    const page = await exchange(port, { method, path, headers }, typeof body === 'string' ? body : JSON.stringify(body))
    if (sending.cookie === undefined) for (const line of page.headers.getSetCookie()) keep(jar, line, isSecure)
    return page
  }

  return {
    get: (path, sending = {}) => send('GET', path, sending),
    post: (path, sending = {}) => send('POST', path, sending),
    cookie,
  }
}

interface StoredCookie {
  readonly value: string
  readonly sameSite: string | undefined
}

/** RFC 6265bis §5.7: a cookie that breaks the rules of its prefix, or is Secure over http, is dropped. */
function keep(jar: Map<string, StoredCookie>, line: string, isSecure: boolean): void {
  const [pair = '', ...parts] = line.split(/;\s*/)
  const name = pair.slice(0, pair.indexOf('='))
  const value = pair.slice(name.length + 1)
  const attributes = new Map(
    parts.map((part) => {
      const [attribute = '', given = ''] = part.split('=')
      return [attribute.toLowerCase(), given.toLowerCase()]
    }),
  )
  const isHost = attributes.has('secure') && attributes.get('path') === '/' && !attributes.has('domain')
  if (attributes.has('secure') && !isSecure) return
  if (/^__Host-/i.test(name) && !isHost) return
  if (/^__(?:Host-)?Http-/i.test(name) && !attributes.has('httponly')) return
  const expires = Date.parse(/expires=([^;]+)/i.exec(line)?.[1] ?? '')
  if (attributes.get('max-age') === '0' || expires <= Date.now()) jar.delete(name)
  else jar.set(name, { value, sameSite: attributes.get('samesite') })
}

async function exchange(
  port: number,
  options: { readonly method: string; readonly path: string; readonly headers: Readonly<Record<string, string>> },
  body: string | undefined,
): Promise<Page> {
  const request = sendRequest({ ...options, host: 'localhost', port, agent: false }).end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(response.headersDistinct))
    for (const value of values) headers.append(name, value)
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode ?? 0, headers, text }
}
