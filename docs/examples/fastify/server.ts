// A Fastify application with server sessions: Fastify sends a web Response as it is, so that every route is one line.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { isTokenError } from '@tallystick/core'
import { createSessionHandlers, failureAnswer } from '@tallystick/http'
import { toRequest } from '@tallystick/http/node'
import type { TokenServer } from '@tallystick/server'
import createFastify, { type FastifyInstance, type FastifyRequest } from 'fastify'

export interface AppOptions {
  readonly tokens: TokenServer
  /** How browsers reach the application: decides cookies and forgery checks. No proxy header is looked at. */
  readonly origin: string
  readonly development?: 'http-localhost' | undefined
}

export function createApp({ tokens, origin, development }: AppOptions): FastifyInstance {
  const sessions = createSessionHandlers(tokens, { origin, development })
  const web = (request: FastifyRequest) => toRequest(request.raw, { origin })
  const app = createFastify({ bodyLimit: 2048 })

  app.post('/sign-in', async (request, reply) => {
    const subject = await checkPassword(request.body)
    if (subject === undefined) return reply.code(401).send({ error: 'wrong_name_or_password' })
    return (await sessions.signIn(web(request), { subject, authentication: { methods: ['pwd'] } })).toResponse()
  })
  app.get('/me', async (request) => {
    const answer = await sessions.authenticate(web(request))
    return answer.ok ? answer.applyTo(Response.json({ subject: answer.session.subject })) : answer.toResponse()
  })
  app.post('/refresh', async (request) => (await sessions.refresh(web(request))).toResponse())
  app.post('/sign-out', async (request) => (await sessions.signOut(web(request))).toResponse())

  // Where the world failed: 503, and nobody is signed out by it. Everything else is Fastify's to answer.
  app.setErrorHandler((error, _request, reply) => {
    if (!isTokenError(error)) throw error
    return reply.send(failureAnswer(error).toResponse())
  })
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
