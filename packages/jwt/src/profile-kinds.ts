// The closed kinds of token as one table (RFC 8725 §3.11, §3.12): each with its own `typ`, what its claims must be, and
// what they must never be.
import { isAudience, isObject, isText, isTexts, isTime, isTokenId } from './claims.ts'
import type { JsonObject } from './json.ts'
import {
  hasActive,
  hasLogoutEvent,
  hasStatusList,
  hasSubjectOrSession,
  isCacheLifetime,
  isEvents,
  isText8K,
} from './profile-forms.ts'

/** The kinds that have a row; access tokens obey the law of `jwt/verify` besides. */
export type KindName =
  | 'accessToken'
  | 'idToken'
  | 'logoutToken'
  | 'securityEvent'
  | 'introspectionResponse'
  | 'dpopProof'
  | 'statusList'
  | 'clientAssertion'
  | 'transactionToken'

/** What one claim must look like. */
export interface ClaimForm {
  readonly isRequired: boolean
  readonly isValid: (value: unknown) => boolean
  /** As the end of a sentence. */
  readonly allowed: string
}

/** How `aud` is compared: one of it is ours, all of it is ours, or it is exactly the one we are. */
export type AudienceRule = 'one' | 'all' | 'exact'

/** One kind of token. */
export interface Kind {
  readonly name: KindName
  /** The `typ`, short and in lower case. */
  readonly type: string
  /** Whether a verifier takes `JWT` or no `typ` too, as the kind's own specification says. */
  readonly isTypeOptional: boolean
  readonly claims: Readonly<Record<string, ClaimForm>>
  /** The claims that it must not have: by its own specification, and because another kind is known by them. */
  readonly forbidden: readonly string[]
  readonly audience: AudienceRule
  /** How old `iat` may be, in seconds, by default; `undefined` where only `exp` ends it, or nothing does. */
  readonly ageSecondsMax: number | undefined
  /** How far ahead `exp` may lie, in seconds. */
  readonly lifetimeSecondsMax: number
  /** The longest token that is looked at, in characters, by default. */
  readonly lengthMax: number
  /** What no single claim says; gives the claim that is wrong. */
  readonly findFault: (claims: JsonObject) => string | undefined
}

/** A year. */
const LIFETIME_SECONDS_MAX = 31_536_000
const TEXT_RULE = [isText, 'must be text of 1 to 1024 characters'] as const
const TIME_RULE = [isTime, 'must be a number of seconds from 0 to 100000000000'] as const
const ID_RULE = [isTokenId, 'must be text of 1 to 256 characters'] as const
const AUDIENCE_RULE = [isAudience, 'must be text or a list of 1 to 64 texts'] as const
const OBJECT_RULE = [isObject, 'must be an object'] as const

type Rule = readonly [isValid: ClaimForm['isValid'], allowed: string]

/** The form of each claim that any kind knows; one name means one thing. */
const FORMS = {
  iss: TEXT_RULE,
  sub: TEXT_RULE,
  aud: AUDIENCE_RULE,
  exp: TIME_RULE,
  iat: TIME_RULE,
  nbf: TIME_RULE,
  jti: ID_RULE,
  client_id: TEXT_RULE,
  scope: [(value) => typeof value === 'string', 'must be text'],
  nonce: TEXT_RULE,
  azp: TEXT_RULE,
  at_hash: TEXT_RULE,
  c_hash: TEXT_RULE,
  s_hash: TEXT_RULE,
  auth_time: TIME_RULE,
  acr: TEXT_RULE,
  amr: [isTexts, 'must be a list of at most 64 texts'],
  sid: TEXT_RULE,
  cnf: OBJECT_RULE,
  events: [isEvents, 'must be an object of 1 to 64 objects'],
  sub_id: OBJECT_RULE,
  toe: TIME_RULE,
  txn: TEXT_RULE,
  token_introspection: [hasActive, "must be an object whose 'active' is a boolean"],
  htm: ID_RULE,
  htu: [isText8K, 'must be text of 1 to 8192 characters'],
  ath: TEXT_RULE,
  status_list: [hasStatusList, 'must be an object with bits of 1, 2, 4 or 8, and lst as base64url'],
  ttl: [isCacheLifetime, 'must be a whole number of seconds from 1 to 31536000'],
  req_wl: TEXT_RULE,
  rctx: OBJECT_RULE,
  tctx: OBJECT_RULE,
} satisfies Record<string, Rule>

/** A claim that any kind knows. */
type ClaimName = keyof typeof FORMS

/** The claims by which a kind is known; every kind that does not define them forbids them. */
const MARKS: readonly ClaimName[] = [
  'client_id',
  'nonce',
  'at_hash',
  'c_hash',
  'events',
  'token_introspection',
  'htm',
  'htu',
  'ath',
  'status_list',
  'req_wl',
]

interface KindRow {
  readonly type: string
  readonly required: readonly ClaimName[]
  readonly optional: readonly ClaimName[]
  readonly forbidden?: readonly ClaimName[]
  readonly isTypeOptional?: boolean
  readonly audience?: AudienceRule
  readonly ageSecondsMax?: number
  readonly lifetimeSecondsMax?: number
  readonly lengthMax?: number
  readonly findFault?: Kind['findFault']
}

const ROWS: Readonly<Record<KindName, KindRow>> = {
  // RFC 9068 §2.2. A nonce and hashes are an ID token's.
  accessToken: {
    type: 'at+jwt',
    required: ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'],
    optional: ['nbf', 'scope', 'acr', 'amr', 'auth_time', 'cnf'],
  },
  // OpenID Connect Core §2, §3.1.3.7: it may say `typ: JWT`, or nothing.
  idToken: {
    type: 'jwt',
    isTypeOptional: true,
    audience: 'all',
    required: ['iss', 'sub', 'aud', 'exp', 'iat'],
    optional: ['nonce', 'azp', 'at_hash', 'c_hash', 's_hash', 'auth_time', 'acr', 'amr', 'sid', 'nbf', 'jti'],
    // A client assertion speaks of who wrote it; an ID token never does.
    findFault: ({ iss, sub }) => (iss === sub ? 'sub' : undefined),
  },
  // OpenID Connect Back-Channel Logout §2.4: "A nonce Claim MUST NOT be present".
  logoutToken: {
    type: 'logout+jwt',
    required: ['iss', 'aud', 'iat', 'exp', 'jti', 'events'],
    optional: ['sub', 'sid', 'nbf'],
    findFault: (claims) => (hasLogoutEvent(claims) ? (hasSubjectOrSession(claims) ? undefined : 'sub') : 'events'),
  },
  // RFC 8417 §2.2; Shared Signals Framework §4.1: the subject is `sub_id`; "sub" and "exp" MUST NOT be there.
  securityEvent: {
    type: 'secevent+jwt',
    required: ['iss', 'aud', 'iat', 'jti', 'events', 'sub_id'],
    optional: ['toe', 'txn', 'nbf'],
    forbidden: ['sub', 'exp'],
  },
  // RFC 9701 §5: no "sub" or "exp" on top, or it could pass for an access token.
  introspectionResponse: {
    type: 'token-introspection+jwt',
    required: ['iss', 'aud', 'iat', 'token_introspection'],
    optional: ['jti', 'nbf'],
    forbidden: ['sub', 'exp'],
    ageSecondsMax: 60,
    lengthMax: 65_536,
  },
  // RFC 9449 §4.2. It has no issuer: the key that it carries is the one who speaks.
  dpopProof: {
    type: 'dpop+jwt',
    required: ['jti', 'htm', 'htu', 'iat'],
    optional: ['ath', 'nonce', 'nbf', 'exp'],
    forbidden: ['iss', 'sub', 'aud'],
    ageSecondsMax: 60,
  },
  // Token Status List §5.1.
  statusList: {
    type: 'statuslist+jwt',
    required: ['sub', 'iat', 'status_list'],
    optional: ['iss', 'exp', 'ttl', 'nbf'],
    forbidden: ['aud'],
    lengthMax: 1_048_576,
  },
  // RFC 7523 §3, RFC 10070: the issuer as the only audience; `typ` is written, but not yet asked of every client.
  clientAssertion: {
    type: 'client-authentication+jwt',
    isTypeOptional: true,
    audience: 'exact',
    required: ['iss', 'sub', 'aud', 'exp', 'jti'],
    optional: ['iat', 'nbf'],
    lifetimeSecondsMax: 600,
    findFault: ({ iss, sub }) => (iss === sub ? undefined : 'sub'),
  },
  // OAuth Transaction Tokens §9.
  transactionToken: {
    type: 'txntoken+jwt',
    required: ['iat', 'aud', 'exp', 'txn', 'sub', 'scope', 'req_wl'],
    optional: ['iss', 'jti', 'nbf', 'rctx', 'tctx'],
  },
}

/** Every kind by its name. */
export const kinds: Readonly<Record<KindName, Kind>> = Object.freeze(
  Object.fromEntries((Object.keys(ROWS) as KindName[]).map((name) => [name, kindOf(name, ROWS[name])])) as Record<
    KindName,
    Kind
  >,
)

function kindOf(name: KindName, row: KindRow): Kind {
  const { type, required, optional, isTypeOptional = false, audience = 'one', ageSecondsMax } = row
  const claims: Kind['claims'] = Object.fromEntries([
    ...required.map((claim) => [claim, formOf(claim, true)] as const),
    ...optional.map((claim) => [claim, formOf(claim, false)] as const),
  ])
  return Object.freeze({
    name,
    type,
    isTypeOptional,
    claims,
    forbidden: [...(row.forbidden ?? []), ...MARKS.filter((claim) => !Object.hasOwn(claims, claim))],
    audience,
    ageSecondsMax,
    lifetimeSecondsMax: row.lifetimeSecondsMax ?? LIFETIME_SECONDS_MAX,
    lengthMax: row.lengthMax ?? 16_384,
    findFault: row.findFault ?? (() => undefined),
  })
}

function formOf(claim: ClaimName, isRequired: boolean): ClaimForm {
  const [isValid, allowed] = FORMS[claim]
  return { isRequired, isValid, allowed }
}
