// An application of express-session's with another store, and with the check that express-session leaves out: who asks?
import { isTokenError } from '@tallystick/core'
import { judgeRequest, resolveCsrfPolicy } from '@tallystick/cookie/csrf'
import { failureAnswer } from '@tallystick/http'
import { sendToNode } from '@tallystick/http/node'
import type { RecordStore } from '@tallystick/storage'
import express, { type ErrorRequestHandler, type Express } from 'express'
import session from 'express-session'
import { TallystickStore } from './store.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    cart: string[]
  }
}

export interface AppOptions {
  readonly records: RecordStore
  /** The first signs the cookie, all verify. */
  readonly secrets: string[]
  /** How browsers reach the application; with https, express-session believes the `X-Forwarded-Proto` of the proxy. */
  readonly origin: string
  /** Tells who proved himself: a password check, say. */
  readonly authenticate: (name: unknown, password: unknown) => Promise<string | undefined>
}

export function createApp({ records, secrets, origin, authenticate }: AppOptions): Express {
  const secure = origin.startsWith('https:')
  const policy = resolveCsrfPolicy({ targetOrigins: [origin] })
  const app = express().disable('x-powered-by')
  app.use((request, response, next) => {
    const judgement = judgeRequest({ method: request.method, header: (name) => request.get(name) }, policy)
    response.set('cache-control', 'private, no-store')
    if (judgement.ok) next()
    else response.status(403).json({ error: judgement.error.code })
  })
  app.use(
    session({
      name: secure ? '__Host-Http-sid' : 'sid',
      secret: secrets,
      store: new TallystickStore(records, { idleTimeoutSeconds: 3600 }),
      resave: false,
      saveUninitialized: false,
      proxy: secure,
      cookie: { secure, sameSite: 'strict' },
    }),
  )
  app.post('/sign-in', express.json({ limit: '2kb' }), async (request, response, next) => {
    const { name, password } = Object(request.body) as { readonly name?: unknown; readonly password?: unknown }
    const user = await authenticate(name, password)
    if (user === undefined) return void response.status(401).json({ error: 'wrong_name_or_password' })
    // Another id than the browser came with, and stored before it is answered.
    request.session.regenerate((error) => {
      if (error) return next(error)
      request.session.user = user
      request.session.save((failure) => (failure ? next(failure) : response.json({ user })))
    })
  })
  app.get('/me', ({ session: { user } }, response) => {
    response.status(user === undefined ? 401 : 200).json({ user })
  })
  app.post('/sign-out', (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.status(204).end()))
  })
  app.use(answerFailure)
  return app
}

/** Where the world failed: 503, and nobody is signed out by it; nor in: express-session would send its cookie all the same. */
const answerFailure: ErrorRequestHandler = (error, request, response, next) => {
  Object.assign(request, { session: null })
  if (isTokenError(error) && !response.headersSent) return sendToNode(failureAnswer(error).toResponse(), response)
  next(error)
}
