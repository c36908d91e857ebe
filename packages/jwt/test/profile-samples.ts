// One good token of each closed kind, all under one key, issuer and audience; and every kind's verifiers.
import type { NumericDate } from '@tallystick/core'
import { expect } from 'vitest'
import type { SigningKey } from '../src/key.ts'
import { materialOf } from '../src/key.ts'
import type { KindName } from '../src/profile-kinds.ts'
import * as profiles from '../src/profiles.ts'
import { AUDIENCE, countingEntropy, forge, ISSUER, NOW } from './tokens.ts'

export const LIST_URI = 'https://auth.example.com/status/7'
export const TARGET = 'https://api.example.com/orders'
export const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

const times = { iat: Number(NOW), exp: NOW + 120 }
const parties = { iss: ISSUER, aud: AUDIENCE }

/** The least that each kind needs. */
export const good: Readonly<Record<KindName, Readonly<Record<string, unknown>>>> = {
  accessToken: { ...parties, ...times, sub: 'user_42', client_id: 'web', jti: 'token_1' },
  idToken: { ...parties, ...times, sub: 'user_42' },
  logoutToken: { ...parties, ...times, jti: 'logout_1', sub: 'user_42', events: { [LOGOUT]: {} } },
  securityEvent: {
    ...parties,
    iat: times.iat,
    jti: 'event_1',
    sub_id: { format: 'opaque', id: 'user_42' },
    events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} },
  },
  introspectionResponse: { ...parties, iat: times.iat, token_introspection: { active: true, sub: 'user_42' } },
  dpopProof: { jti: 'proof_1', htm: 'POST', htu: TARGET, iat: times.iat },
  statusList: { iss: ISSUER, sub: LIST_URI, iat: times.iat, status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ' } },
  clientAssertion: { ...parties, ...times, sub: ISSUER, jti: 'assertion_1' },
  transactionToken: { ...parties, ...times, txn: 'txn_1', sub: 'user_42', scope: 'trade', req_wl: 'gateway' },
}

export const NAMES: readonly KindName[] = Object.keys(good) as KindName[]

const TYPES: Readonly<Record<KindName, string>> = {
  accessToken: 'at+jwt',
  idToken: 'JWT',
  logoutToken: 'logout+jwt',
  securityEvent: 'secevent+jwt',
  introspectionResponse: 'token-introspection+jwt',
  dpopProof: 'dpop+jwt',
  statusList: 'statuslist+jwt',
  clientAssertion: 'client-authentication+jwt',
  transactionToken: 'txntoken+jwt',
}

/** A good header of the kind, as its own specification writes it. */
export function headerFor(kind: KindName, key: SigningKey): Record<string, unknown> {
  const header = { alg: key.algorithm, typ: TYPES[kind] }
  return kind === 'dpopProof' ? { ...header, jwk: materialOf(key)?.publicJwk } : { ...header, kid: key.keyId }
}

/** A well-signed token of the kind, its claims and header changed; a change to `undefined` leaves one out. */
export function tokenOf(
  kind: KindName,
  key: SigningKey,
  changes: Readonly<Record<string, unknown>> = {},
  headerChanges: Readonly<Record<string, unknown>> = {},
): string {
  return forge(key, { ...headerFor(kind, key), ...headerChanges }, { ...good[kind], ...changes })
}

/** A token of the kind from its own issuer; an ID token, which is only verified here, as a provider writes it. */
export function issued(kind: KindName, key: SigningKey): Promise<string> {
  const parts = { issuer: ISSUER, audience: AUDIENCE, keys: [key] }
  const living = { ...parts, lifetimeSeconds: 120 }
  const entropy = countingEntropy()
  const claims = { ...good[kind] }
  for (const filled of ['iss', 'aud', 'iat', 'exp', 'jti']) delete claims[filled]
  const sign: Readonly<Record<KindName, () => Promise<string>>> = {
    accessToken: () => profiles.accessToken.createIssuer(living).issue(claims as never, NOW, entropy),
    idToken: () => Promise.resolve(tokenOf(kind, key)),
    logoutToken: () => profiles.logoutToken.createIssuer(living).issue({ sub: 'user_42' }, NOW, entropy),
    securityEvent: () => profiles.securityEvent.createIssuer(parts).issue(claims as never, NOW, entropy),
    introspectionResponse: () =>
      profiles.introspectionResponse.createIssuer(parts).issue(claims as never, NOW, entropy),
    dpopProof: () => profiles.dpopProof.createIssuer({ keys: [key] }).issue(claims as never, NOW, entropy),
    statusList: () => profiles.statusList.createIssuer(parts).issue(claims as never, NOW, entropy),
    clientAssertion: () => profiles.clientAssertion.createIssuer(living).issue({}, NOW, entropy),
    transactionToken: () => profiles.transactionToken.createIssuer(living).issue(claims as never, NOW, entropy),
  }
  return sign[kind]()
}

/** What the receiver of a kind must say besides. */
const EXPECTED: Partial<Readonly<Record<KindName, unknown>>> = {
  idToken: { nonce: undefined },
  dpopProof: { method: 'POST', url: TARGET },
  statusList: { uri: LIST_URI },
}

type Makers = Readonly<Record<'createVerifier' | 'createSyncVerifier', (given: unknown) => Made>>
const MAKERS = { ...profiles } as unknown as Readonly<Record<KindName, Makers>>

interface Made {
  verify(token: string, now: NumericDate, expected?: unknown): unknown
}

/** The answer of a kind's verifiers, which must agree in every detail: `ok`, or the reason. */
export function verifierOf(
  kind: KindName,
  key: SigningKey,
  options: Readonly<Record<string, unknown>> = {},
): (token: string, expected?: unknown, now?: NumericDate) => Promise<string> {
  const all = { issuer: ISSUER, audience: AUDIENCE, keys: [key], algorithms: [key.algorithm], ...options }
  const profile = MAKERS[kind]
  const [choosing, synchronous] = [profile.createVerifier(all), profile.createSyncVerifier(all)]
  return async (token, expected = EXPECTED[kind], now = NOW) => {
    const result = synchronous.verify(token, now, expected) as { readonly ok: boolean; readonly reason?: string }
    expect(await choosing.verify(token, now, expected)).toEqual(result)
    return result.ok ? 'ok' : String(result.reason)
  }
}
