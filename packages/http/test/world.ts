// A web application in a world that a test owns: server, handlers, clock, a browser with its cookies, every event told.
import { numericDate, type NumericDate, plusSeconds } from '@tallystick/core'
import { importSecret } from '@tallystick/jwt'
import { createTokenServer, type ServerEvent, type TokenServer, type TokenServerOptions } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import { memoryStorage } from '@tallystick/storage-memory'
import { type HttpEvent } from '../src/event.ts'
import { type Answer, createSessionHandlers, type SessionHandlerOptions, type SessionHandlers } from '../src/index.ts'

export const START: NumericDate = numericDate(1_800_000_000)
export const APP = 'https://app.example.com'
export const COOKIE = '__Host-Http-sid'
export const SECRET: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1)
export const signingKey = await importSecret(
  SECRET.map((byte) => byte ^ 0x55),
  { algorithm: 'HS256' },
)

export interface World {
  readonly server: TokenServer
  readonly sessions: SessionHandlers
  readonly clock: { now(): NumericDate; advance(seconds: number): void }
  readonly events: HttpEvent[]
  readonly serverEvents: ServerEvent[]
  /** Other handlers over the same server. */
  otherHandlers(options: Partial<SessionHandlerOptions>): SessionHandlers
}

export interface WorldOptions {
  readonly handlers?: Partial<SessionHandlerOptions> | undefined
  readonly server?: Partial<TokenServerOptions> | undefined
  /** Puts something between server and storage. */
  readonly around?: ((storage: Storage) => Storage) | undefined
}

export function createWorld({ handlers, server: given, around = (storage) => storage }: WorldOptions = {}): World {
  let now = START
  const clock = { now: () => now, advance: (seconds: number) => void (now = plusSeconds(now, seconds)) }
  const serverEvents: ServerEvent[] = []
  const events: HttpEvent[] = []
  const server = createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [signingKey],
    refreshTokenSecrets: [{ id: 1, secret: SECRET }],
    storage: around(memoryStorage({ clock })),
    clock,
    onEvent: (event) => void serverEvents.push(event),
    ...given,
  })
  const options = { origin: APP, clock, onEvent: (event: HttpEvent) => void events.push(event), ...handlers }
  return {
    server,
    sessions: createSessionHandlers(server, options),
    clock,
    events,
    serverEvents,
    otherHandlers: (other) => createSessionHandlers(server, { ...options, ...other }),
  }
}

/** A browser's cookies, as far as Set-Cookie lines of one host change them. */
export interface Jar {
  readonly cookies: Map<string, string>
  /** Takes the Set-Cookie lines of an answer. */
  take(answer: Pick<Answer, 'toResponse'> | Response): void
  header(): string | null
}

export function createJar(): Jar {
  const cookies = new Map<string, string>()
  return {
    cookies,
    take(answer) {
      const response = answer instanceof Response ? answer : answer.toResponse()
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ')
        const name = pair.slice(0, pair.indexOf('='))
        if (attributes.includes('Max-Age=0')) cookies.delete(name)
        else cookies.set(name, pair.slice(name.length + 1))
      }
    },
    header: () => (cookies.size === 0 ? null : [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')),
  }
}

/** What a page of the application sends: a fetch of its own origin, unless a header says otherwise. */
export function pageRequest(
  path: string,
  {
    method = 'POST',
    jar,
    cookie,
    headers = { 'sec-fetch-site': 'same-origin', origin: APP },
    origin = APP,
  }: {
    readonly method?: string
    readonly jar?: Jar
    readonly cookie?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly origin?: string
  } = {},
): Request {
  const sent = cookie ?? jar?.header() ?? null
  return new Request(`${origin}${path}`, {
    method,
    headers: { ...headers, ...(sent === null ? {} : { cookie: sent }) },
  })
}

/** A browser in which somebody is signed in. */
export async function signedIn(world: World, subject = 'alice'): Promise<{ jar: Jar; credential: string }> {
  const jar = createJar()
  const result = await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject })
  if (!result.ok) throw new Error(`nobody was signed in: ${result.reason}`)
  jar.take(result)
  return { jar, credential: result.credential }
}
