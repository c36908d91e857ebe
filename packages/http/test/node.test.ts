// Over a real socket of Node's: cookies, bodies, odd request lines, a client that leaves; also HTTP/2 and what Express does.
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { applyToNode, sendToNode, toNodeHandler, toRequest } from '../src/node.ts'
import { APP, COOKIE, createWorld, pageRequest } from './world.ts'

async function serving<Value>(
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
  use: (url: string, server: Server) => Promise<Value>,
): Promise<Value> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const options = { origin: APP }

/** Sends raw bytes and gives everything that comes back. */
async function raw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(text)
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  return received
}

test('sign-in and sign-out over a socket: the cookie goes out and comes back', async () => {
  const { sessions } = createWorld()
  const handle = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/sign-in') {
      const { user } = (await request.json()) as { user: string }
      return (await sessions.signIn(request, { subject: user })).toResponse()
    }
    if (pathname === '/sign-out') return (await sessions.signOut(request)).toResponse()
    const answer = await sessions.authenticate(request)
    return answer.ok ? answer.toResponse(answer.session.subject) : answer.toResponse()
  }
  await serving(toNodeHandler(handle, options), async (url) => {
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
    const signIn = await fetch(`${url}/sign-in`, { method: 'POST', headers, body: '{"user":"alice"}' })
    expect(signIn.status).toBe(200)
    const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect(cookie).toMatch(/^__Host-Http-sid=tsn_/)
    const page = await fetch(`${url}/`, { headers: { cookie } })
    expect([await page.text(), page.headers.get('cache-control')]).toEqual(['alice', 'private, no-store'])
    const signOut = await fetch(`${url}/sign-out`, { method: 'POST', headers: { ...headers, cookie } })
    expect([signOut.status, signOut.headers.getSetCookie().length]).toEqual([204, 1])
    expect((await fetch(`${url}/`, { headers: { cookie } })).status).toBe(401)
  })
})

test.each([
  ['/a?b=1', 'https://app.example.com/a?b=1'],
  ['//evil.example/x', 'https://app.example.com//evil.example/x'],
  ['http://evil.example/x?y', 'https://app.example.com/x?y'],
  ['http://app.example.com@evil.example/', 'https://app.example.com/'],
  ['/../x', 'https://app.example.com/x'],
  ['*', 'https://app.example.com/'],
  ['', 'https://app.example.com/'],
  ['@evil.example', 'https://app.example.com/'],
  ['.evil.example/', 'https://app.example.com/'],
  [':80@evil.example/', 'https://app.example.com/'],
  ['mailto:x', 'https://app.example.com/'],
  [undefined, 'https://app.example.com/'],
])('whatever the request line says (%j), the host is the configured one', (url, expected) => {
  expect(toRequest({ method: 'GET', url, headers: { host: 'evil.example' } }, options).url).toBe(expected)
})

test('a router of Express’s that shortens the path does not change the request’s URL', () => {
  const request = toRequest({ method: 'GET', url: '/orders', originalUrl: '/api/orders', headers: {} }, options)
  expect(request.url).toBe('https://app.example.com/api/orders')
})

test('headers of every shape arrive: several, none, and those of HTTP/2', () => {
  const headers = {
    ':path': '/x',
    ':method': 'GET',
    cookie: ['a=1', 'b=2'],
    accept: ['x', 'y'],
    'x-none': undefined,
    origin: APP,
  }
  const request = toRequest({ method: 'GET', url: '/', headers }, options)
  expect([...request.headers]).toEqual([
    ['accept', 'x, y'],
    ['cookie', 'a=1; b=2'],
    ['origin', APP],
  ])
})

test('odd requests are answered: methods that the web does not send, absolute and broken targets, twice the same header', async () => {
  const seen: string[] = []
  const handle = (request: Request): Response => {
    seen.push(`${request.method} ${request.url} ${request.headers.get('origin')}`)
    return new Response('ok')
  }
  await serving(toNodeHandler(handle, options), async (url) => {
    const end = 'Host: evil.example\r\nConnection: close\r\n'
    expect(await raw(url, `TRACE / HTTP/1.1\r\n${end}\r\n`)).toMatch(/^HTTP\/1\.1 501 /)
    expect(await raw(url, `GET http://evil.example/x HTTP/1.1\r\n${end}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await raw(url, `GET //evil.example/y HTTP/1.1\r\n${end}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await raw(url, `OPTIONS * HTTP/1.1\r\n${end}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await raw(url, `GET / HTTP/1.1\r\n${end}Origin: ${APP}\r\nOrigin: https://evil.example\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 /,
    )
  })
  expect(seen).toEqual([
    `GET ${APP}/x null`,
    `GET ${APP}//evil.example/y null`,
    `OPTIONS ${APP}/ null`,
    `GET ${APP}/ ${APP}, https://evil.example`,
  ])
})

test('a body is read only when somebody asks for it, and whole', async () => {
  const body = 'x'.repeat(1_000_000)
  await serving(
    toNodeHandler(async (request) => new Response(String((await request.text()).length)), options),
    async (url) => {
      expect(await (await fetch(url, { method: 'POST', body })).text()).toBe('1000000')
    },
  )
  let asked = 0
  const incoming = {
    method: 'POST',
    url: '/',
    headers: {},
    async *[Symbol.asyncIterator]() {
      asked += 1
      yield new TextEncoder().encode('late')
    },
  }
  const request = toRequest(incoming, options)
  await Promise.resolve()
  expect(asked).toBe(0)
  expect([await request.text(), asked]).toEqual(['late', 1])
})

test('a long answer is sent in step with the client, and stops when the client leaves', async () => {
  let pulled = 0
  let cancelled: () => void = () => undefined
  const stopped = new Promise<void>((resolve) => void (cancelled = resolve))
  let signal: AbortSignal | undefined
  const handle = (request: Request): Response => {
    signal = request.signal
    return new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 1
          controller.enqueue(new Uint8Array(65_536))
        },
        cancel: () => cancelled(),
      }),
    )
  }
  await serving(toNodeHandler(handle, options), async (url) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.pause()
    socket.destroy()
    await stopped
  })
  expect(signal?.aborted).toBe(true)
  expect(pulled).toBeLessThan(2000)
})

test.each(['data: 1\n\n', ''])(
  'an answer that never ends is given up when the client leaves, after %j',
  async (text) => {
    const told = new EventEmitter()
    const begun = once(told, 'begun')
    const givenUp = once(told, 'given up')
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            told.emit('begun')
            if (text !== '') controller.enqueue(new TextEncoder().encode(text))
            return new Promise(() => undefined)
          },
          cancel: () => void told.emit('given up', text),
        },
        { highWaterMark: 0 },
      )
    await serving(
      toNodeHandler(() => new Response(body()), options),
      async (url) => {
        const leaving = connect(Number(new URL(url).port), '127.0.0.1')
        leaving.write('GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n')
        await (text === '' ? begun : once(leaving, 'data'))
        leaving.destroy()
        expect(await givenUp).toEqual([text])
      },
    )
  },
)

test('a body that breaks before it begins is a plain 500: nothing of the answer that was meant', async () => {
  const thrown: unknown[] = []
  const headers = { 'content-length': '100', etag: '"7"', 'set-cookie': 'a=b' }
  const broken = (): Response =>
    new Response(new ReadableStream({ pull: () => Promise.reject(new Error('the API broke off')) }), { headers })
  await serving(toNodeHandler(broken, { ...options, onError: (error) => thrown.push(error) }), async (url) => {
    const received = await raw(url, 'GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n')
    expect(received).toMatch(/^HTTP\/1\.1 500 /)
    expect(received).not.toMatch(/etag|set-cookie|content-length: 100/i)
    expect(thrown).toHaveLength(1)
  })
})

test('what a handler throws is told to the operator and nobody else', async () => {
  const told: unknown[] = []
  const failing = toNodeHandler(() => Promise.reject(new Error('password is hunter2')), {
    ...options,
    onError: (thrown) => told.push(thrown),
  })
  await serving(failing, async (url) => {
    const response = await fetch(url)
    expect([response.status, await response.text(), response.headers.get('cache-control')]).toEqual([
      500,
      '',
      'no-store',
    ])
  })
  expect(told).toEqual([new Error('password is hunter2')])
  const halfway = toNodeHandler(
    () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(9)),
          pull: () => Promise.reject(new Error('broke')),
        }),
      ),
    { ...options, onError: (thrown) => told.push(thrown) },
  )
  await serving(halfway, async (url) => {
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/)
  })
  expect(told).toHaveLength(2)
})

test('an answer goes onto a response that has cookies and headers already', async () => {
  const { sessions } = createWorld()
  const listener = async (_incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    outgoing.setHeader('set-cookie', ['theme=dark', `${COOKIE}=old`])
    outgoing.setHeader('vary', 'Accept-Encoding, Cookie')
    applyToNode(await sessions.signIn(pageRequest('/'), { subject: 'alice' }), outgoing)
    outgoing.end('hello')
  }
  await serving(
    (incoming, outgoing) => void listener(incoming, outgoing),
    async (url) => {
      const { headers } = await fetch(url)
      expect(headers.getSetCookie()).toEqual(['theme=dark', expect.stringMatching(/^__Host-Http-sid=tsn_/)])
      expect(headers.get('vary')).toBe('Accept-Encoding, Cookie, Sec-Fetch-Site, Origin')
      expect(headers.get('cache-control')).toBe('private, no-store')
    },
  )
})

test('a refusal is sent through a Node response as it is', async () => {
  const { sessions } = createWorld()
  const listener = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    outgoing.setHeader('set-cookie', 'theme=dark')
    const answer = await sessions.authenticate(toRequest(incoming, options))
    await sendToNode(answer.toResponse(), outgoing)
  }
  await serving(
    (incoming, outgoing) => void listener(incoming, outgoing),
    async (url) => {
      const response = await fetch(url)
      expect([response.status, await response.json()]).toMatchObject([401, { error: 'login_required' }])
      expect(response.headers.getSetCookie()).toEqual(['theme=dark'])
    },
  )
})

test('CK-6 a response that is sent sets a name once, beside the cookies that were there', async () => {
  const { sessions } = createWorld()
  const listener = async (_incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    outgoing.setHeader('set-cookie', ['theme=dark', `${COOKIE}=old`])
    const answer = await sessions.signIn(pageRequest('/'), { subject: 'alice' })
    await sendToNode(answer.toResponse(), outgoing)
  }
  await serving(
    (incoming, outgoing) => void listener(incoming, outgoing),
    async (url) => {
      const lines = (await fetch(url)).headers.getSetCookie()
      expect(lines).toEqual(['theme=dark', expect.stringMatching(/^__Host-Http-sid=tsn_/)])
    },
  )
})

test('a client is answered, and the process lives on, also where the listener of errors throws', async () => {
  const rejected = vi.fn<() => void>()
  process.on('unhandledRejection', rejected)
  const onError = (): never => {
    throw new Error('the log is full')
  }
  try {
    await serving(
      toNodeHandler(() => Promise.reject(new Error('broken')), { ...options, onError }),
      async (url) => {
        expect((await fetch(url)).status).toBe(500)
      },
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(rejected).not.toHaveBeenCalled()
  } finally {
    process.off('unhandledRejection', rejected)
  }
})

test('HTTP/2 is served by the same handler', async () => {
  const { sessions } = createWorld()
  const handle = async (request: Request): Promise<Response> =>
    (await sessions.signIn(request, { subject: await request.text() })).toResponse()
  const listener = toNodeHandler(handle, options)
  const server = createHttp2Server(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const stream = client.request({ ':method': 'POST', ':path': '/sign-in', 'sec-fetch-site': 'same-origin' })
    stream.end('alice')
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect([headers[':status'], headers['set-cookie']]).toEqual([200, [expect.stringMatching(/^__Host-Http-sid=tsn_/)]])
  } finally {
    client.destroy()
    server.close()
  }
})

describe('the origin is configured', () => {
  test.each([
    '',
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/x',
    'ftp://app.example.com',
    'null',
  ])('%j is a mistake', (origin) => {
    expect(() => toNodeHandler(() => new Response(), { origin })).toThrow(/origin must be an origin/)
    expect(() => toRequest({ headers: {} }, { origin })).toThrow(/origin must be an origin/)
  })
})
