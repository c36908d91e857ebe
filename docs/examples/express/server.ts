// An Express application with server sessions: sign-in, who am I, refresh, sign-out; the browser holds one HttpOnly cookie.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { isTokenError } from '@tallystick/core'
import { createSessionHandlers, failureAnswer, securityHeaders } from '@tallystick/http'
import { applyToNode, sendToNode, toRequest } from '@tallystick/http/node'
import type { TokenServer } from '@tallystick/server'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'

export interface AppOptions {
  readonly tokens: TokenServer
  /** How browsers reach the application: decides cookies and forgery checks. No proxy header is looked at. */
  readonly origin: string
  readonly development?: 'http-localhost' | undefined
}

export function createApp({ tokens, origin, development }: AppOptions): Express {
  const sessions = createSessionHandlers(tokens, { origin, development })
  const web = (request: Request) => toRequest(request, { origin })
  const app = express().disable('x-powered-by')
  app.use((_request, response, next) => {
    response.set(securityHeaders())
    next()
  })
  app.use(express.json({ limit: '2kb' }))

  app.post('/sign-in', async (request, response) => {
    const subject = await checkPassword(request.body)
    if (subject === undefined) return void response.status(401).json({ error: 'wrong_name_or_password' })
    const answer = await sessions.signIn(web(request), { subject, authentication: { methods: ['pwd'] } })
    await sendToNode(answer.toResponse(), response)
  })
  app.get('/me', async (request, response) => {
    const answer = await sessions.authenticate(web(request))
    if (!answer.ok) return sendToNode(answer.toResponse(), response)
    applyToNode(answer, response)
    response.json({ subject: answer.session.subject })
  })
  app.post('/refresh', async (request, response) => {
    await sendToNode((await sessions.refresh(web(request))).toResponse(), response)
  })
  app.post('/sign-out', async (request, response) => {
    await sendToNode((await sessions.signOut(web(request))).toResponse(), response)
  })
  app.use(answerFailure)
  return app
}

/** Where the world failed: 503, and nobody is signed out by it. */
const answerFailure: ErrorRequestHandler = (error, _request, response, next) => {
  if (isTokenError(error) && !response.headersSent) return sendToNode(failureAnswer(error).toResponse(), response)
  next(error)
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
