// The clients of a server: what kind each is, and which rotation policy it has (RFC 9700 §2.2.2).
import { TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { type RefreshPolicy, resolvePolicy, type ResolvedRefreshPolicy } from '@tallystick/refresh-token'

/** A client, as the application registers it. */
export interface Client {
  /** Whether it can keep a secret (RFC 6749 §2.1). */
  readonly type: 'public' | 'confidential'
  /** How it authenticates; read by the HTTP endpoints, not by the rotation. */
  readonly authentication?: unknown
  /** Whether every token of it is bound to a key; then issuing one without a binding is a mistake. */
  readonly senderConstrained?: boolean | undefined
  /** What differs from the server's policy. */
  readonly policy?: RefreshPolicy | undefined
}

/** Clients by id, or a look-up of the application's. */
export type Clients = Readonly<Record<string, Client>> | ((clientId: string) => Promise<Client | undefined>)

/** A client as the server works with it. */
export interface ClientTerms {
  readonly client: Client | undefined
  readonly policy: ResolvedRefreshPolicy
}

/** Finds clients. */
export interface ClientDirectory {
  /**
   * The terms of a client; `undefined` where clients are registered and this is none of them.
   *
   * @throws TokenError `ERR_HOOK` where the application's look-up failed.
   */
  find(clientId: string): Promise<ClientTerms | undefined>
}

/**
 * Prepares the directory and checks every registered client once.
 *
 * @throws TypeError where a public client has neither rotation nor sender-constrained tokens.
 */
export function createClientDirectory(
  clients: Clients | undefined,
  serverPolicy: RefreshPolicy | undefined,
  firstParty: string | undefined,
): ClientDirectory {
  const policy = resolvePolicy(serverPolicy)
  const termsOf = (clientId: string, client: Client | undefined): ClientTerms => {
    const own = client?.policy === undefined ? policy : resolvePolicy(merged(serverPolicy, client.policy))
    checkRotation(clientId, client, own)
    return { client, policy: own }
  }
  if (typeof clients === 'function') return { find: (clientId) => lookUp(clients, clientId, termsOf) }
  if (clients === undefined) {
    const terms = firstParty === undefined ? { client: undefined, policy } : termsOf(firstParty, undefined)
    return { find: () => Promise.resolve(terms) }
  }
  const registered = new Map(Object.entries(clients).map(([id, client]) => [id, termsOf(id, checkClient(id, client))]))
  // The first party needs no registration, but may have one.
  if (firstParty !== undefined && !registered.has(firstParty))
    registered.set(firstParty, termsOf(firstParty, undefined))
  return { find: (clientId) => Promise.resolve(registered.get(clientId)) }
}

/** The server's policy with what the client's sets; a member that is there without a value sets nothing. */
function merged(server: RefreshPolicy | undefined, own: RefreshPolicy): RefreshPolicy {
  return { ...server, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) }
}

async function lookUp(
  clients: (clientId: string) => Promise<Client | undefined>,
  clientId: string,
  termsOf: (clientId: string, client: Client) => ClientTerms,
): Promise<ClientTerms | undefined> {
  let client: Client | undefined
  try {
    client = await clients(clientId)
  } catch (cause) {
    throw new TokenError('ERR_HOOK', 'the look-up of a client failed', { cause })
  }
  return client === undefined ? undefined : termsOf(clientId, checkClient(clientId, client))
}

function checkClient(clientId: string, client: Client): Client {
  if (client?.type !== 'public' && client?.type !== 'confidential') {
    throw mistake('clients', `${clientId}.type`, "must be 'public' or 'confidential'", client?.type)
  }
  return client
}

/** RFC 9700 §2.2.2: "Refresh tokens for public clients MUST be sender-constrained or use refresh token rotation". */
function checkRotation(clientId: string, client: Client | undefined, policy: ResolvedRefreshPolicy): void {
  if (policy.rotation === 'always' || client?.type === 'confidential' || client?.senderConstrained === true) return
  throw new TypeError(
    `clients: ${clientId} must be confidential or senderConstrained where policy.rotation is 'never' (RFC 9700 §2.2.2)`,
  )
}
