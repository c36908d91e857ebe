// The way between a request and response of Node's shape and the runtime's own Request and Response.
import { toNodeHandler } from '@tallystick/http/node'
import { holds, same, type Register } from './checks.ts'

/** Registers the checks of `@tallystick/http/node`, on objects of the shape alone: some runtimes have no `node:http`. */
export function nodeBridgeChecks(check: Register): void {
  check('http/node: method, path, headers and body come in, and status, body and each cookie go out', async () => {
    const seen: string[] = []
    const answer = await answerOf(
      incoming('POST', '/orders?id=7', { cookie: ['a=1', 'b=2'] }, ['łó', 'dź']),
      async (request) => {
        const { method, url, headers } = request
        seen.push(method, url, headers.get('cookie') ?? '', await request.text())
        const response = new Response('done', { status: 201, headers: { 'x-own': '1' } })
        response.headers.append('set-cookie', 'one=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT')
        response.headers.append('set-cookie', 'two=2')
        return response
      },
    )
    same(seen, ['POST', 'https://app.example.com/orders?id=7', 'a=1; b=2', 'łódź'])
    same([answer.status, answer.body, answer.headers.get('x-own')], [201, 'done', '1'])
    same(answer.headers.get('set-cookie'), ['one=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT', 'two=2'])
  })
  check('http/node: what a handler throws is a 500 that tells nothing, and no path becomes the host', async () => {
    const failed = await answerOf(incoming('GET', '/'), () => Promise.reject(new Error('secret')))
    same([failed.status, failed.body, failed.errors], [500, '', ['Error: secret']])
    const urls: string[] = []
    const tell = ({ url }: Request): Response => {
      urls.push(new URL(url).host)
      return new Response(null, { status: 204 })
    }
    for (const path of ['//evil.example/x', 'https://evil.example/x', '/@evil.example'])
      await answerOf(incoming('GET', path), tell)
    holds(urls.length > 0, 'some are served')
    same([...new Set(urls)], ['app.example.com'])
  })
}

type Incoming = Parameters<ReturnType<typeof toNodeHandler>>[0]
type Outgoing = Parameters<ReturnType<typeof toNodeHandler>>[1]

interface Sent {
  readonly status: number
  readonly headers: ReadonlyMap<string, unknown>
  readonly body: string
  readonly errors: readonly string[]
}

function incoming(
  method: string,
  url: string,
  headers: Incoming['headers'] = {},
  body: readonly string[] = [],
): Incoming {
  return {
    method,
    url,
    headers,
    async *[Symbol.asyncIterator]() {
      for (const part of body) yield new TextEncoder().encode(part)
    },
  }
}

function answerOf(request: Incoming, handle: (request: Request) => Response | Promise<Response>): Promise<Sent> {
  const headers = new Map<string, unknown>()
  const errors: string[] = []
  const decoder = new TextDecoder()
  let body = ''
  return new Promise((resolve, reject) => {
    const outgoing: Outgoing = {
      statusCode: 0,
      headersSent: false,
      getHeader: (name) => headers.get(name),
      setHeader: (name, value) => headers.set(name, value),
      write: (chunk) => {
        body += decoder.decode(chunk, { stream: true })
        return true
      },
      end: () => resolve({ status: outgoing.statusCode, headers, body, errors }),
      destroy: () => reject(new Error('it was cut off')),
      on: () => undefined,
      removeListener: () => undefined,
    }
    const options = {
      origin: 'https://app.example.com',
      onError: (thrown: unknown) => void errors.push(String(thrown)),
    }
    toNodeHandler(handle, options)(request, outgoing)
  })
}
