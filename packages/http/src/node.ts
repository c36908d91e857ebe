// The way between Node's own request and response, also Express's and Fastify's, and the web's: shapes only, no import.
import { toSetCookie } from '@tallystick/cookie'
import { mistake } from '@tallystick/core/options'
import { type Answer, joinCookies, joinVary } from './answer.ts'

/** What is read of Node's request: `IncomingMessage`, `Http2ServerRequest`, and what Express makes of them. */
export interface IncomingLike {
  /** `GET` where absent. */
  readonly method?: string | undefined
  /** The path and query as the client sent them. */
  readonly url?: string | undefined
  /** The whole path, where a framework shortens `url` for a router (Express). */
  readonly originalUrl?: string | undefined
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body, piece by piece. */
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>
}

/** What is used of Node's response: `ServerResponse`, `Http2ServerResponse`, and what Express makes of them. */
export interface OutgoingLike {
  /** Set before the first byte is sent. */
  statusCode: Response['status']
  /** Whether it is too late for another status or header. */
  readonly headersSent: boolean
  /** Whether the client has left. */
  readonly destroyed?: boolean | undefined
  /** A header that was set before. */
  getHeader(name: string): unknown
  /** Sets a header; a list stands for several lines. */
  setHeader(name: string, value: string | readonly string[]): unknown
  /** Sends a piece of the body. @returns Whether more may follow at once. */
  write(chunk: Uint8Array): boolean
  /** Ends the answer. */
  end(): unknown
  /** Cuts the connection off. */
  destroy(): unknown
  /** Hears that the client left, or that more may be written. */
  on(event: 'close' | 'drain', listener: () => void): unknown
  /** Hears no more. */
  removeListener(event: 'close' | 'drain', listener: () => void): unknown
}

/** Where the server stands, as browsers see it. */
export interface NodeOptions {
  /** `https://app.example.com`: configured, never taken from the `Host` header, which is the sender's to choose. */
  readonly origin: string
}

/**
 * Makes a listener for `createServer` of a function from Request to Response.
 *
 * A body is read as it is asked for. What `handle` throws is answered with 500 and handed to `onError`.
 *
 * @throws TypeError where `origin` is no origin.
 */
export function toNodeHandler(
  handle: (request: Request) => Response | Promise<Response>,
  options: NodeHandlerOptions,
): (incoming: IncomingLike, outgoing: OutgoingLike) => void {
  checkOrigin(options.origin)
  // Nobody waits for a listener, so that nothing may be thrown out of it: what cannot be answered is cut off.
  return (incoming, outgoing) => {
    answerNode(handle, options, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

/** What a listener is told. */
export interface NodeHandlerOptions extends NodeOptions {
  /** Hears what the function threw; the client is answered with 500. What it throws itself is lost. */
  readonly onError?: ((thrown: unknown) => void) | undefined
}

async function answerNode(
  handle: (request: Request) => Response | Promise<Response>,
  { origin, onError }: NodeHandlerOptions,
  incoming: IncomingLike,
  outgoing: OutgoingLike,
): Promise<void> {
  const gone = new AbortController()
  const abort = (): void => gone.abort()
  outgoing.on('close', abort)
  try {
    const request = requestOf(incoming, { origin, signal: gone.signal })
    await sendToNode(request instanceof Response ? request : await handle(request), outgoing)
  } catch (thrown) {
    try {
      onError?.(thrown)
    } finally {
      if (outgoing.headersSent) outgoing.destroy()
      else await sendToNode(bare(500), outgoing)
    }
  } finally {
    outgoing.removeListener('close', abort)
  }
}

/**
 * The web's Request of a Node request. Its body is read when somebody asks for it.
 *
 * @throws TypeError where `origin` is no origin, or for what the web cannot send: the method TRACE, say.
 */
export function toRequest(
  incoming: IncomingLike,
  { origin, signal }: NodeOptions & { readonly signal?: AbortSignal | undefined },
): Request {
  checkOrigin(origin)
  const method = incoming.method ?? 'GET'
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    // HTTP/2 hands its pseudo-headers in as `:path` and the like.
    if (value === undefined || name.startsWith(':')) continue
    if (typeof value === 'string') headers.set(name, value)
    else headers.set(name, value.join(name === 'cookie' ? '; ' : ', '))
  }
  const hasBody = !/^(?:get|head)$/i.test(method)
  const init = { method, headers, ...(signal === undefined ? {} : { signal }) }
  const url = origin + pathOf(incoming)
  return new Request(url, hasBody ? { ...init, body: bodyOf(incoming), ...HALF_DUPLEX } : init)
}

/**
 * Sets an answer's headers and cookies on a Node response; status and body stay the caller's.
 *
 * Cookies that were set before stay, but for those of the same name.
 */
export function applyToNode(answer: Pick<Answer, 'cookies' | 'headers'>, outgoing: OutgoingLike): void {
  for (const [name, value] of Object.entries(answer.headers)) {
    outgoing.setHeader(name, name === 'vary' ? joinVary(linesOf(outgoing, 'vary').join(','), value) : value)
  }
  addCookies(outgoing, answer.cookies.map(toSetCookie))
}

/** Sends a Response through a Node response, chunk by chunk; headers that were set before stay where it has no own. */
export async function sendToNode(response: Response, outgoing: OutgoingLike): Promise<void> {
  const reader = response.body?.getReader()
  // A body that waits for what never comes is given up as soon as nobody listens.
  const leave = (): void => void reader?.cancel().catch(() => undefined)
  outgoing.on('close', leave)
  try {
    // The first bytes come first: where a body breaks before it begins, nothing is set yet, and another answer can go.
    const first = await reader?.read()
    writeHead(response, outgoing)
    if (reader !== undefined && first !== undefined) await pour(reader, first, outgoing)
    outgoing.end()
  } finally {
    outgoing.removeListener('close', leave)
  }
}

function writeHead({ status, headers }: Response, outgoing: OutgoingLike): void {
  outgoing.statusCode = status
  for (const [name, value] of headers) {
    if (name !== 'set-cookie')
      outgoing.setHeader(name, name === 'vary' ? joinVary(linesOf(outgoing, 'vary').join(','), value) : value)
  }
  addCookies(outgoing, headers.getSetCookie())
}

async function pour(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Chunk,
  outgoing: OutgoingLike,
): Promise<void> {
  for (let chunk = first; !chunk.done; chunk = await reader.read()) {
    if (outgoing.destroyed === true) return reader.cancel()
    if (!outgoing.write(chunk.value)) await drained(outgoing)
  }
}

type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

/** What is no request of the web is answered, not thrown. */
function requestOf(incoming: IncomingLike, options: Parameters<typeof toRequest>[1]): Request | Response {
  if (/^(?:connect|trace|track)$/i.test(incoming.method ?? '')) return bare(501)
  try {
    return toRequest(incoming, options)
  } catch {
    return bare(400)
  }
}

function bare(status: number): Response {
  return new Response(null, { status, headers: { 'cache-control': 'no-store' } })
}

function addCookies(outgoing: OutgoingLike, lines: readonly string[]): void {
  if (lines.length > 0) outgoing.setHeader('set-cookie', joinCookies(linesOf(outgoing, 'set-cookie'), lines))
}

function linesOf(outgoing: OutgoingLike, name: string): readonly string[] {
  const value = outgoing.getHeader(name)
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map(String)
}

/** RFC 9112 §3.2: a request-target is a path, or a whole URL from a proxy; nothing of it may become the host. */
function pathOf({ originalUrl, url }: IncomingLike): string {
  const target = originalUrl ?? url ?? '/'
  if (target.startsWith('/')) return target
  if (!URL.canParse(target)) return '/'
  const { pathname, search } = new URL(target)
  return pathname.startsWith('/') ? pathname + search : '/'
}

function bodyOf(incoming: IncomingLike): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<unknown> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= incoming[Symbol.asyncIterator]?.()
        const next = await chunks?.next()
        if (next === undefined || next.done === true) controller.close()
        else controller.enqueue(next.value as Uint8Array)
      },
      async cancel() {
        await chunks?.return?.()
      },
    },
    // Nothing is read before somebody asks: a framework may have taken the body already.
    { highWaterMark: 0 },
  )
}

function drained(outgoing: OutgoingLike): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.removeListener('drain', done)
      outgoing.removeListener('close', done)
      resolve()
    }
    outgoing.on('drain', done)
    outgoing.on('close', done)
  })
}

function checkOrigin(origin: string): void {
  if (URL.canParse(origin) && new URL(origin).origin === origin && /^https?:/.test(origin)) return
  throw mistake('http/node', 'origin', 'must be an origin: https://app.example.com', origin)
}

/** A streamed body needs it said; the type of RequestInit does not know it. */
const HALF_DUPLEX: Readonly<Record<string, string>> = { duplex: 'half' }
