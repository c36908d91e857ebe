// The options of a token server: their shape and defaults, checked once at construction.
import type { Clock, Entropy, NumericDate } from '@tallystick/core'
import { mistake, readOptions, secretMistake } from '@tallystick/core/options'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import { createEventBus } from '@tallystick/events'
import type { SigningKey } from '@tallystick/jwt'
import { type RefreshPolicy, type RefreshTokenSecret, resolvePolicy } from '@tallystick/refresh-token'
import { resolveSecrets } from '@tallystick/refresh-token/secrets'
import { resolveSessionPolicy, type SessionPolicy } from '@tallystick/session'
import type { RevocationLog, Storage } from '@tallystick/storage'
import * as z from 'zod/mini'
import { createAccessTokens } from './access-token.ts'
import { type Clients, createClientDirectory } from './clients.ts'
import { type ServerContext, type ServerHooks, tell } from './context.ts'
import { type ServerEvent, serverEvents, type ServerFact } from './event.ts'
import { audienceSchema } from './grant-input.ts'
import { readClock } from './read-clock.ts'
import { createRevocationReplica, type RevocationReplica } from './revocation-replica.ts'
import { signInCell } from './sign-in-cell.ts'
import { createSignInReader } from './sign-in-memory.ts'
import { guardStorage } from './store.ts'
import { listOf } from './token-set.ts'

/** What a token server is made from. */
export interface TokenServerOptions extends ServerHooks {
  /** The issuer identifier: an https URL without query or fragment (RFC 8414 §2). */
  readonly issuer: string
  /** The resource servers of a token that names none. */
  readonly audience: string | readonly string[]
  /** The first signs access tokens, all verify. */
  readonly keys: readonly SigningKey[]
  /** The first signs refresh tokens, all verify. */
  readonly refreshTokenSecrets: readonly RefreshTokenSecret[]
  /** Where families, and the revocation log, are kept. Refused without `compareAndSet`. */
  readonly storage: Storage
  /** The first-party client's id. */
  readonly clientId?: string | undefined
  /** Registered clients; without them every client id is taken for granted. */
  readonly clients?: Clients | undefined
  /** Form and lifetime of access tokens. */
  readonly accessToken?:
    | {
        /** Default `jwt`. An `opaque` one costs a record until it expires. */
        readonly format?: 'jwt' | 'opaque' | undefined
        /** Default 600. */
        readonly lifetimeSeconds?: number | undefined
      }
    | undefined
  /** The rules of rotation; a client may have stricter or kinder ones of its own. */
  readonly policy?: RefreshPolicy | undefined
  /** The rules of sessions. */
  readonly sessionPolicy?: SessionPolicy | undefined
  /** Hears every event. What it throws is counted, not passed on. */
  readonly onEvent?: ((event: ServerEvent) => void | Promise<void>) | undefined
  /** Keeps the runtime alive for an asynchronous `onEvent` (edge runtimes). */
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined
  /** Tells the time; default: the platform's. */
  readonly clock?: Clock | undefined
  /** Draws random bytes; default: the platform's generator. */
  readonly entropy?: Entropy | undefined
}

/** The defaults of a server; those of rotation are `refreshPolicyDefaults`. */
export const serverDefaults: { readonly accessTokenFormat: 'jwt'; readonly accessTokenLifetimeSeconds: number } =
  Object.freeze({ accessTokenFormat: 'jwt', accessTokenLifetimeSeconds: 600 })

/**
 * Checks the options and prepares what the verbs work with.
 *
 * @throws TypeError or RangeError naming the field, what was given (never a secret) and what is allowed.
 */
export function resolveOptions(options: TokenServerOptions): ServerContext {
  readOptions(optionsSchema, options, OWNER, ['keys', 'refreshTokenSecrets'])
  checkIssuer(options.issuer)
  if (!options.storage.records.capabilities.compareAndSet) {
    throw mistake(OWNER, 'storage', 'must have compareAndSet: without it two refreshes can fork a family', false)
  }
  const audience = listOf(options.audience)
  const policy = resolvePolicy(options.policy)
  const sessionPolicy = resolveSessionPolicy(options.sessionPolicy)
  const lifetimeSeconds = options.accessToken?.lifetimeSeconds ?? serverDefaults.accessTokenLifetimeSeconds
  const entropy = checked(options.entropy ?? systemEntropy)
  const clock = options.clock ?? systemClock
  const { records, log } = guardStorage(options.storage)
  const replica = createRevocationReplica()
  const bus = createEventBus<ServerFact>(serverEvents, options.waitUntil)
  if (options.onEvent !== undefined) bus.subscribe(options.onEvent)
  const context: ServerContext = {
    issuer: options.issuer,
    audience,
    clientId: options.clientId,
    records,
    log,
    clock: () => readClock(clock),
    entropy,
    ring: resolveSecrets(options.refreshTokenSecrets),
    signInCell: signInCell(policy, sessionPolicy, createSignInReader()),
    clients: createClientDirectory(options.clients, options.policy, options.clientId),
    policy,
    sessionPolicy,
    accessTokens: createAccessTokens({
      issuer: options.issuer,
      audience,
      keys: options.keys,
      format: options.accessToken?.format ?? serverDefaults.accessTokenFormat,
      lifetimeSeconds,
      clockToleranceSeconds: policy.clockToleranceSeconds,
      records,
      entropy,
    }),
    replica,
    logWasRead: followLog(log, replica, () => readClock(clock)),
    bus,
    hooks: { claimsAtRefresh: options.claimsAtRefresh, risk: options.risk },
  }
  warnOfGrace(context, lifetimeSeconds)
  return context
}

/**
 * Reads on in the log when the last reading is some seconds old; a log that fails is asked again as seldom.
 *
 * Everybody waits for a process's first reading. Of a later one only who began it waits, so that a slow log is slow for
 * one refresh in some seconds, and the others go by what is known.
 */
function followLog(
  log: RevocationLog | undefined,
  replica: RevocationReplica,
  clock: () => NumericDate,
): () => Promise<void> {
  let first: Promise<void> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    if (log === undefined) return Promise.resolve()
    const now = clock()
    if (first !== undefined && now >= readAt && now - readAt < LOG_READING_SECONDS) return first
    readAt = now
    const reading = replica.sync(log, now).catch(() => undefined)
    first ??= reading
    return reading
  }
}

/** @throws TypeError where the source gives another number of bytes than it was asked for. */
function checked(entropy: Entropy): Entropy {
  return {
    bytes(length) {
      const bytes = entropy.bytes(length)
      if (bytes instanceof Uint8Array && bytes.length === length) return bytes
      throw secretMistake(OWNER, 'entropy', `must give the ${length} bytes it is asked for`, bytes)
    },
  }
}

/** RFC 8414 §2: "a URL that uses the "https" scheme and has no query or fragment components"; loopback may be http. */
function checkIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const isLoopback = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1' || url?.hostname === '[::1]'
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)
  if (isSecure && !issuer.includes('?') && !issuer.includes('#')) return
  throw mistake(OWNER, 'issuer', 'must be an https URL without query or fragment (http for localhost only)', issuer)
}

/** Within a grace period a thief without the client's attempt key is served what the client is served: keep it short. */
function warnOfGrace(context: ServerContext, lifetimeSeconds: number): void {
  const { gracePeriodSeconds } = context.policy
  if (gracePeriodSeconds * GRACE_SHARE <= lifetimeSeconds) return
  const warning = `policy.gracePeriodSeconds ${gracePeriodSeconds} is more than a thirtieth of accessToken.lifetimeSeconds ${lifetimeSeconds}`
  tell(context, { type: 'configuration.warned', warning }, context.clock())
}

const OWNER = 'createTokenServer'
const GRACE_SHARE = 30
/** How old this process's knowledge of other processes' revocations may be when it refreshes. */
const LOG_READING_SECONDS = 5

const isFunction = (value: unknown): boolean => typeof value === 'function'
const optionalFunction = z.optional(z.custom(isFunction, 'must be a function'))
const object = (allowed: string) => z.custom((value) => typeof value === 'object' && value !== null, allowed)
const NAME = 'must be text of 1 to 256 characters'
const LIFETIME = 'must be 1 to 86400'
const hasMethods = (value: unknown, ...methods: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((method) => isFunction((value as Readonly<Record<string, unknown>>)[method]))

const optionsSchema = z.strictObject(
  {
    issuer: z.string('must be an https URL without query or fragment'),
    audience: audienceSchema,
    keys: z
      .array(object('must be a key made by generateKey or importKey'), 'must be a list of signing keys')
      .check(z.minLength(1, 'must hold at least one signing key')),
    refreshTokenSecrets: z.custom(Array.isArray, 'must be a list of { id, secret }'),
    storage: z.custom(
      (value) =>
        hasMethods((value as { records?: unknown } | undefined)?.records, 'read', 'compareAndSet', 'delete', 'list'),
      'must be a Storage: { records, revocations? }',
    ),
    clientId: z.optional(z.string(NAME).check(z.minLength(1, NAME), z.maxLength(256, NAME))),
    clients: z.optional(
      z.custom(
        (value) => isFunction(value) || (typeof value === 'object' && value !== null),
        'must be an object of clients by id, or a function from id to client',
      ),
    ),
    accessToken: z.optional(
      z.strictObject(
        {
          format: z.optional(z.enum(['jwt', 'opaque'], "must be 'jwt' or 'opaque'")),
          lifetimeSeconds: z.optional(z.int(LIFETIME).check(z.gte(1, LIFETIME), z.lte(86_400, LIFETIME))),
        },
        'must be { format?, lifetimeSeconds? }',
      ),
    ),
    policy: z.optional(object('must be a RefreshPolicy')),
    sessionPolicy: z.optional(object('must be a SessionPolicy')),
    claimsAtRefresh: optionalFunction,
    risk: optionalFunction,
    onEvent: optionalFunction,
    waitUntil: optionalFunction,
    clock: z.optional(z.custom((value) => hasMethods(value, 'now'), 'must be a Clock: { now() }')),
    entropy: z.optional(z.custom((value) => hasMethods(value, 'bytes'), 'must be an Entropy: { bytes(length) }')),
  },
  'must be an object with fields of TokenServerOptions only',
)
