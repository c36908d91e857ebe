// What runs in the page: adding a passkey, and using it where an answer asks for a step-up.
import { fetchWithStepUp } from '../step-up-totp/client.ts'

export function post(path: string, body: unknown = {}): Promise<Response> {
  return fetch(path, { method: 'POST', body: JSON.stringify(body) })
}

export function withStepUp(path: string, body?: unknown): Promise<Response> {
  return fetchWithStepUp(() => post(path, body), stepUp)
}

export async function addPasskey(): Promise<Response> {
  const begun = await post('/passkeys/begin')
  if (!begun.ok) return begun
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    (await begun.json()) as PublicKeyCredentialCreationOptionsJSON,
  )
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
  return post('/passkeys', made.toJSON())
}

export async function stepUp(challenge: string): Promise<Response> {
  const begun = await post('/step-up/begin', { challenge })
  if (!begun.ok) return begun
  return post('/step-up', await usePasskey((await begun.json()) as PublicKeyCredentialRequestOptionsJSON))
}

/** Has the user unlock a passkey; the browser throws where he does not. */
export async function usePasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  return used.toJSON()
}
