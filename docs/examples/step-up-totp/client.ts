// What runs in the page: a request that is refused for want of a step-up is sent once more after it, and only once.

/** Sends requests of the page; the browser's `fetch`. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>

/**
 * Sends a request, and steps up where the answer asks for it.
 *
 * @param stepUp - Has the user prove himself, and answers as the server did.
 */
export async function fetchWithStepUp(
  send: () => Promise<Response>,
  stepUp: (challenge: string) => Promise<Response>,
): Promise<Response> {
  const response = await send()
  const challenge = response.headers.get('www-authenticate') ?? ''
  if (response.status !== 401 || !challenge.includes('insufficient_user_authentication')) return response
  const stepped = await stepUp(challenge)
  return stepped.ok ? send() : stepped
}

/** The step-up of this example: a code that the user types, if the server says that it is of use. */
export function stepUpWithCode(fetch: Fetch, askForCode: () => Promise<string>) {
  return async (challenge: string): Promise<Response> => {
    const begun = await fetch('/step-up/begin', { method: 'POST', body: JSON.stringify({ challenge }) })
    if (!begun.ok) return begun
    return fetch('/step-up', { method: 'POST', body: JSON.stringify({ code: await askForCode() }) })
  }
}
