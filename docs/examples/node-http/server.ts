// A plain node:http application with server sessions: one function from Request to Response, and a listener made of it.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { promisify } from 'node:util'
import { createSessionHandlers, failureAnswer, securityHeaders } from '@tallystick/http'
import { toNodeHandler } from '@tallystick/http/node'
import type { TokenServer } from '@tallystick/server'

export interface AppOptions {
  readonly tokens: TokenServer
  /** How browsers reach the application: decides cookies and forgery checks. No proxy header is looked at. */
  readonly origin: string
  readonly development?: 'http-localhost' | undefined
}

export function createApp({ tokens, origin, development }: AppOptions): Server {
  const sessions = createSessionHandlers(tokens, { origin, development })
  const routes: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    'GET /': async (request) => {
      const answer = await sessions.authenticate(request)
      const text = answer.ok ? `Hello ${answer.session.subject}` : 'Nobody is signed in'
      const headers = { ...securityHeaders(), 'content-type': 'text/plain; charset=utf-8' }
      return answer.toResponse(text, { status: 200, headers })
    },
    'GET /me': async (request) => {
      const answer = await sessions.authenticate(request)
      return answer.ok ? answer.applyTo(Response.json({ subject: answer.session.subject })) : answer.toResponse()
    },
    'POST /sign-in': async (request) => {
      const subject = await checkPassword(await request.json().catch(() => undefined))
      if (subject === undefined) return Response.json({ error: 'wrong_name_or_password' }, { status: 401 })
      return (await sessions.signIn(request, { subject, authentication: { methods: ['pwd'] } })).toResponse()
    },
    'POST /refresh': async (request) => (await sessions.refresh(request)).toResponse(),
    'POST /sign-out': async (request) => (await sessions.signOut(request)).toResponse(),
  }
  const handle = async (request: Request): Promise<Response> => {
    const route = routes[`${request.method} ${new URL(request.url).pathname}`]
    if (route === undefined) return new Response('not found', { status: 404 })
    try {
      return await route(request)
    } catch (error) {
      // Where the world failed: 503, and nobody is signed out by it. `failureAnswer` throws on what is a bug.
      return failureAnswer(error).toResponse()
    }
  }
  return createServer(toNodeHandler(handle, { origin }))
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
