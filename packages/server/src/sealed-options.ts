// The options of sealed sessions: their shape and defaults, checked once at construction.
import type { Clock, Entropy, NumericDate } from '@tallystick/core'
import { mistake, readOptions, secretMistake } from '@tallystick/core/options'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import type { DecryptionKey } from '@tallystick/jwt/jwe'
import { type ResolvedSessionPolicy, resolveSessionPolicy, type SessionPolicy } from '@tallystick/session'
import * as z from 'zod/mini'
import { readClock } from './read-clock.ts'

/** What a cut-off is asked about. */
export interface SealedFacts {
  /** The session's public id. */
  readonly sessionId: string
  /** Who is signed in. */
  readonly subject: string
  /** When it began. */
  readonly establishedAt: NumericDate
  /** What the session was sealed with; where that was nothing: `establishedAt`. */
  readonly epoch: number
}

/** What sealed sessions are made from. */
export interface SealedSessionsOptions {
  /**
   * The first seals, all open. Secrets that nobody else holds, of `dir` or `A256GCMKW` (`importSealingSecret`), each with
   * a key id of its own. To a public key anybody can seal: such a key is refused.
   */
  readonly keys: readonly DecryptionKey[]
  /** The name of the cookie, which every value is bound to: under another name it does not open. */
  readonly cookieName: string
  /** The rules of sessions; without `limit` and `renewal.afterSeconds`, which need a server that remembers. */
  readonly policy?: SessionPolicy | undefined
  /**
   * Asked at every opening, once the session is known to be ours and alive: the only way to end one before its time. What
   * it throws, and what is no boolean, is a failure and signs nobody in.
   */
  readonly isRevoked?: ((facts: SealedFacts, now: NumericDate) => boolean | Promise<boolean>) | undefined
  /** Tells the time; default: the platform's. */
  readonly clock?: Clock | undefined
  /** Draws random bytes; default: the platform's generator. A vector that repeats gives sealed text away. */
  readonly entropy?: Entropy | undefined
}

/** Everything that the verbs work with. */
export interface SealedContext {
  readonly keys: readonly DecryptionKey[]
  /** Seals. */
  readonly head: DecryptionKey
  readonly cookieName: string
  readonly policy: ResolvedSessionPolicy
  readonly isRevoked: SealedSessionsOptions['isRevoked']
  readonly clock: () => NumericDate
  readonly entropy: Entropy
}

/**
 * Checks the options.
 *
 * @throws TypeError or RangeError naming the field, what was given (never a key) and what is allowed.
 */
export function resolveSealedOptions(options: SealedSessionsOptions): SealedContext {
  readOptions(optionsSchema, options, OWNER, ['keys'])
  const keys = [...options.keys]
  const [head] = keys
  if (head === undefined) throw secretMistake(OWNER, 'keys', 'must hold at least one key', keys)
  checkKeys(keys)
  const policy = resolveSessionPolicy(options.policy)
  // Said aloud, not passed over: who set them believes that they hold.
  if (policy.limit !== undefined) {
    throw mistake(OWNER, 'policy.limit', 'must not be set: nobody counts sealed sessions', policy.limit)
  }
  const { afterSeconds } = policy.renewal
  if (afterSeconds !== undefined) {
    throw mistake(OWNER, 'policy.renewal.afterSeconds', 'must not be set: nothing tells a copy', afterSeconds)
  }
  const { cookieName, isRevoked, clock = systemClock, entropy = systemEntropy } = options
  return { keys, head, cookieName, policy, isRevoked, clock: () => readClock(clock), entropy }
}

/** With a public key anybody can encrypt, so that opening would prove nothing about who sealed. */
function checkKeys(keys: readonly DecryptionKey[]): void {
  const known = new Set<string>()
  for (const [at, key] of keys.entries()) {
    if (key.kind !== 'decryption' || !SECRET_ALGORITHMS.has(key.algorithm)) {
      throw secretMistake(OWNER, `keys.${at}`, 'must be a secret made by importSealingSecret: dir or A256GCMKW', key)
    }
    if (known.has(key.keyId)) throw mistake(OWNER, `keys.${at}`, 'must have a key id of its own', key.keyId)
    known.add(key.keyId)
  }
}

const OWNER = 'createSealedSessions'
const SECRET_ALGORITHMS: ReadonlySet<string> = new Set(['dir', 'A256GCMKW'])

const isFunction = (value: unknown): boolean => typeof value === 'function'
const hasMethod = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && isFunction((value as Readonly<Record<string, unknown>>)[method])
const NAME = 'must be a cookie name: an HTTP token of 1 to 128 characters'
const KEYS = 'must be a list of 1 to 100 keys made by importSealingSecret'

const optionsSchema = z.strictObject(
  {
    keys: z
      .array(
        z.custom((value) => typeof value === 'object' && value !== null, KEYS),
        KEYS,
      )
      .check(z.minLength(1, KEYS), z.maxLength(100, KEYS)),
    // cookie-name = token (RFC 6265 §4.1.1)
    cookieName: z.string(NAME).check(z.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, NAME)),
    policy: z.optional(z.custom((value) => typeof value === 'object' && value !== null, 'must be a SessionPolicy')),
    isRevoked: z.optional(z.custom(isFunction, 'must be a function')),
    clock: z.optional(z.custom((value) => hasMethod(value, 'now'), 'must be a Clock: { now() }')),
    entropy: z.optional(z.custom((value) => hasMethod(value, 'bytes'), 'must be an Entropy: { bytes(length) }')),
  },
  'must be an object with fields of SealedSessionsOptions only',
)
