// A Worker with server sessions: sign-in, who am I, refresh, sign-out, and the API behind it for the page.
import { equalTextInConstantTime } from '@tallystick/core/crypto'
import { createApiProxy, createSessionHandlers, failureAnswer } from '@tallystick/http'
import { importSigningKey, type Jwk, type SigningKey } from '@tallystick/jwt'
import { createTokenServer } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import { memoryStorage } from '@tallystick/storage-memory'

/** Variables, secrets and bindings of the Worker. */
export interface Env {
  readonly ORIGIN: string
  readonly ISSUER: string
  readonly AUDIENCE: string
  /** A secret: the private key as a JWK. */
  readonly SIGNING_KEY: string
  /** A secret: 32 random bytes in base64url. */
  readonly REFRESH_TOKEN_SECRET: string
  /** A secret: what the demo's one user signs in with. */
  readonly DEMO_PASSWORD: string
  /** The Worker with the API, as a service binding: it needs no address on the internet. */
  readonly API: { fetch(request: Request): Promise<Response> }
}

/** Makes the Worker over a storage that all its isolates share. */
export function createWorker(storageOf: (env: Env) => Storage) {
  let app: App | undefined
  return {
    async fetch(request: Request, env: Env): Promise<Response> {
      try {
        // Variables are there in a request only: the first builds what all use, also where several come first.
        if (app === undefined) {
          const key = await importSigningKey(JSON.parse(env.SIGNING_KEY) as Jwk, { algorithm: 'ES256' })
          app ??= createApp(env, storageOf(env), key)
        }
        return await app(request)
      } catch (error) {
        return failureAnswer(error).toResponse()
      }
    },
  }
}

/**
 * The demo's memory is one isolate's: another isolate, and the next deployment, know nobody. Put in its place a storage
 * with a compare-and-set that all isolates share.
 */
export default createWorker(() => memoryStorage())

type App = (request: Request) => Promise<Response>

function createApp(env: Env, storage: Storage, key: SigningKey): App {
  const tokens = createTokenServer({
    issuer: env.ISSUER,
    audience: env.AUDIENCE,
    clientId: 'web',
    keys: [key],
    refreshTokenSecrets: [{ id: 1, secret: env.REFRESH_TOKEN_SECRET }],
    storage,
  })
  const sessions = createSessionHandlers(tokens, { origin: env.ORIGIN })
  const api = createApiProxy(tokens, {
    sessions,
    routes: [{ path: '/api/orders', methods: ['GET'], target: 'https://api.internal/orders', scope: 'orders:read' }],
    fetch: (url, init) => env.API.fetch(new Request(url, init)),
  })
  return async (request) => {
    switch (`${request.method} ${new URL(request.url).pathname}`) {
      case 'POST /sign-in': {
        const subject = checkPassword(await request.json().catch(() => undefined), env)
        if (subject === undefined) return Response.json({ error: 'wrong_name_or_password' }, { status: 401 })
        const grant = { subject, authentication: { methods: ['pwd'] }, scope: 'orders:read orders:write' }
        return (await sessions.signIn(request, grant)).toResponse()
      }
      case 'GET /me': {
        const answer = await sessions.authenticate(request)
        return answer.ok ? answer.applyTo(Response.json({ subject: answer.session.subject })) : answer.toResponse()
      }
      case 'POST /refresh':
        return (await sessions.refresh(request)).toResponse()
      case 'POST /sign-out':
        return (await sessions.signOut(request)).toResponse()
      default:
        return api.handle(request)
    }
  }
}

/** The demo's one user, whose password is a secret of the Worker. Put your own log-in here. */
function checkPassword(body: unknown, { DEMO_PASSWORD }: Env): string | undefined {
  const { name, password } = Object(body) as { readonly name?: unknown; readonly password?: unknown }
  const isRight = equalTextInConstantTime(String(password), DEMO_PASSWORD)
  return isRight && name === 'ada' ? 'user_42' : undefined
}
