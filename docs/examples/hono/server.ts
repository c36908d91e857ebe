// A Hono application with server sessions, and an API behind it that is called with a token of the session.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { createApiProxy, createSessionHandlers, failureAnswer } from '@tallystick/http'
import type { TokenServer } from '@tallystick/server'
import { Hono } from 'hono'

export interface AppOptions {
  readonly tokens: TokenServer
  /** How browsers reach the application: decides cookies and forgery checks. No proxy header is looked at. */
  readonly origin: string
  readonly development?: 'http-localhost' | undefined
  /** Where the orders are kept; the browser never learns of it. */
  readonly ordersUrl: string
}

export function createApp({ tokens, origin, development, ordersUrl }: AppOptions): Hono {
  const sessions = createSessionHandlers(tokens, { origin, development })
  const api = createApiProxy(tokens, {
    sessions,
    routes: [{ path: '/api/orders', methods: ['GET', 'POST'], target: ordersUrl, scope: 'orders' }],
    // A time-out is the caller's to choose; a page that leaves ends the call, too.
    fetch: (url, { signal, ...init }) =>
      fetch(url, { ...init, signal: AbortSignal.any([AbortSignal.timeout(5000), ...(signal ? [signal] : [])]) }),
  })
  const app = new Hono()

  app.post('/sign-in', async ({ req, json }) => {
    const subject = await checkPassword(await req.json().catch(() => undefined))
    if (subject === undefined) return json({ error: 'wrong_name_or_password' }, 401)
    const grant = { subject, authentication: { methods: ['pwd'] }, scope: 'orders profile' }
    return (await sessions.signIn(req.raw, grant)).toResponse()
  })
  app.get('/me', async ({ req }) => {
    const answer = await sessions.authenticate(req.raw)
    return answer.ok ? answer.applyTo(Response.json({ subject: answer.session.subject })) : answer.toResponse()
  })
  app.post('/refresh', async ({ req }) => (await sessions.refresh(req.raw)).toResponse())
  app.post('/sign-out', async ({ req }) => (await sessions.signOut(req.raw)).toResponse())
  app.all('/api/*', ({ req }) => api.handle(req.raw))

  // Where the world failed: 503, and nobody is signed out by it. `failureAnswer` throws on what is a bug.
  app.onError((error) => failureAnswer(error).toResponse())
  return app
}

async function checkPassword(body: unknown): Promise<string | undefined> {
  const { name, password } = Object(body) as { readonly name?: unknown; readonly password?: unknown }
  const user = users.get(String(name))
  // A name that nobody has takes as long as a wrong password.
  const { salt, hash } = user ?? nobody
  const isRight = timingSafeEqual(await derive(String(password), salt, 32), hash)
  return isRight ? user?.subject : undefined
}

async function createUser(subject: string, password: string) {
  const salt = randomBytes(16)
  return { subject, salt, hash: await derive(password, salt, 32) }
}

const derive = promisify<string, Uint8Array, number, Buffer>(scrypt)
const users = new Map([['ada', await createUser('user_42', 'correct horse battery staple')]])
const nobody = await createUser('', randomBytes(16).toString('hex'))
