// Between the handlers and the framework's own store of cookies: what is read, and how an answer's cookies are set.
import type { Answer, RequestLike } from '@tallystick/http'
import { cookies, headers } from './framework.ts' // In Next: 'next/headers'

/** Sets what an answer sets. In actions and route handlers alone: elsewhere the framework throws. */
export async function setCookies(answer: Pick<Answer, 'cookies'>): Promise<void> {
  const store = await cookies()
  for (const { name, value, attributes } of answer.cookies) {
    const { path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds: maxAge } = attributes
    store.set(name, value, { path, domain, secure, httpOnly, sameSite, partitioned, maxAge })
  }
}

/** The cookies as they stand now: `headers()` does not know of those that an action has just set. */
export async function readCookies(): Promise<string> {
  const store = await cookies()
  return store
    .getAll()
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ')
}

/** The request of an action, which is always a POST to the page it stands on. */
export async function readRequest(): Promise<RequestLike> {
  const sent = new Headers(await headers())
  sent.set('cookie', await readCookies())
  return { method: 'POST', url: '/', headers: sent }
}
