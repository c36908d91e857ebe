// Server components that read the session and never renew it; actions and a route handler that set its cookie.
import { createSessionHandlers, failureAnswer, type SessionHandlerOptions } from '@tallystick/http'
import type { TokenServer } from '@tallystick/server'
import { readCookies, readRequest, setCookies } from './cookies.ts'

export interface AppOptions {
  readonly tokens: TokenServer
  readonly handlers: SessionHandlerOptions
  /** Your table of users: the subject where name and password are right. */
  readonly checkPassword: (name: string, password: string) => Promise<string | undefined>
}

export function createApp({ tokens, handlers, checkPassword }: AppOptions) {
  const sessions = createSessionHandlers(tokens, handlers)

  /** For every component. In Next wrap it in React's `cache`, so that a page asks once. */
  const currentUser = async () => sessions.readOnly.authenticate(await readCookies())

  // Components.

  async function Greeting(): Promise<string> {
    const user = await currentUser()
    return user.ok ? `<p>Hello ${user.session.subject}</p>` : '<p>Please sign in</p>'
  }

  /** Has the page call the action `refresh`, with an effect of a client component. */
  async function KeepSession(): Promise<string> {
    const user = await currentUser()
    return user.ok && user.renewalDue ? '<keep-session action="refresh"></keep-session>' : ''
  }

  async function Page(): Promise<string> {
    return (await Promise.all([Greeting(), KeepSession()])).join('')
  }

  // Actions: 'use server'.

  async function signIn(form: FormData): Promise<{ readonly error?: string | undefined }> {
    const subject = await checkPassword(String(form.get('name')), String(form.get('password')))
    if (subject === undefined) return { error: 'wrong_name_or_password' }
    const answer = await sessions.signIn(await readRequest(), { subject, authentication: { methods: ['pwd'] } })
    await setCookies(answer)
    return answer.ok ? {} : { error: answer.error.code }
  }

  async function refresh(): Promise<void> {
    await setCookies(await sessions.refresh(await readRequest()))
  }

  async function signOut(): Promise<void> {
    await setCookies(await sessions.signOut(await readRequest()))
  }

  // Route handlers: an answer is a Response already. This one also makes the browser forget what it has stored.

  async function POST(request: Request): Promise<Response> {
    try {
      return (await sessions.signOut(request)).toResponse()
    } catch (error) {
      return failureAnswer(error).toResponse()
    }
  }

  return { currentUser, Greeting, Page, signIn, refresh, signOut, POST }
}
