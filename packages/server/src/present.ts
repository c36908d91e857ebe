// Presenting a refresh token: gate, MAC, record, decision. Everything that takes a refresh token comes through here.
import { type NumericDate, type Refusal, TokenError } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { mistake } from '@tallystick/core/options'
import {
  type Attempt,
  type Authentication,
  decide,
  deriveFamilyId,
  issueToken,
  openQuestion,
  parseToken,
  type ParsedRefreshToken,
  type PresentedBinding,
  type RefreshRefusal,
  type RefreshTokenFamily,
  type ResolvedRefreshPolicy,
  refuseRefresh,
  type Rotate,
  type ServingVerdict,
} from '@tallystick/refresh-token'
import { hashAttempt } from '@tallystick/refresh-token/token'
import type { ClientTerms } from './clients.ts'
import { commit } from './commit.ts'
import { publicFamily, type ServerContext, tell } from './context.ts'
import type { RequestContext } from './event.ts'
import { settle } from './settle.ts'
import { signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'
import type { ServedFamily } from './token-set.ts'

/** A request for a refresh. */
export interface RefreshRequest {
  /** The refresh token as the client sent it; anything that is none is refused. */
  readonly refreshToken: string
  /** 22 to 128 visible ASCII characters: one per stored token, kept before the first request and sent with every retry. */
  readonly attemptKey?: string | undefined
  /** The authenticated client; the server's own `clientId` where left out. */
  readonly clientId?: string | undefined
  /** A narrower scope for the access token; the refresh token keeps what was granted. */
  readonly scope?: string | undefined
  /** Fewer resource servers for the access token. */
  readonly audience?: string | readonly string[] | undefined
  /** The verified proof of a sender-constrained client. */
  readonly binding?: PresentedBinding | undefined
  /** Where the request came from, for events and the risk hook. */
  readonly context?: RequestContext | undefined
}

/** A refresh token with what came along, and the authentication that just took place, for a step-up. */
export type Presentation = RefreshRequest & { readonly elevate?: Authentication | undefined }

/** A presentation that was served. */
export interface Served extends ServedFamily {
  readonly ok: true
  readonly verdict: ServingVerdict
}

/**
 * Presents a refresh token.
 *
 * @param prepare - Called before anything is written, with the state that would be; its failure leaves all as it was.
 * @throws TokenError where no verdict was possible; TypeError where the caller left out what it must know.
 */
export async function present(
  context: ServerContext,
  request: Presentation,
  prepare?: (family: RefreshTokenFamily) => Promise<void>,
): Promise<Served | Refusal<RefreshRefusal>> {
  const parsed = parseToken(context.ring, request.refreshToken)
  if (!parsed.ok) return turnAway(context, request, parsed.reason)
  const unusable = unusableInput(request)
  if (unusable !== undefined) return turnAway(context, request, unusable)
  const clientId = request.clientId ?? context.clientId
  if (clientId === undefined) throw mistake('refresh', 'clientId', 'must be given where the server has none', undefined)
  const terms = await context.clients.find(clientId)
  if (terms === undefined) return turnAway(context, request, 'refresh_token/client_mismatch')
  // RFC 9700 §2.2.2: what is configured as bound is served with a proof of its key, or not at all.
  if (terms.client?.senderConstrained === true && request.binding === undefined) {
    return turnAway(context, request, 'refresh_token/binding_mismatch')
  }
  await context.logWasRead()

  const command = commandOf(context, request, parsed, clientId)
  const place = signInPlace(context, deriveFamilyId(parsed.handle), terms.policy)
  const committed = await commit(
    place,
    onFamily(context, async (family, now) => {
      const policy = rotationOf(terms, family)
      const decision = decide(family, await answer({ context, request, policy, family, now }, command), now, policy)
      if (decision.outcome === 'accepted') await prepare?.(decision.state)
      return decision
    }),
  )
  if (committed === undefined) return turnAway(context, request, 'refresh_token/unknown')
  await settle(context, committed, request.context)
  const { decision, now } = committed
  if (decision.outcome === 'refused') return refuseRefresh(decision.reason)
  const { verdict } = decision
  const family = decision.state.family as RefreshTokenFamily
  const refreshToken = issueToken(context.ring, {
    handle: parsed.handle,
    generation: family.generation,
    secretId: family.secretId,
  })
  // decide() serves only with a secret of the ring.
  if (refreshToken === undefined)
    throw new TokenError('ERR_SIGNING', 'the secret of a decision left the ring meanwhile')
  return { ok: true, verdict: verdict as ServingVerdict, family, refreshToken, terms, now }
}

/** Refuses before any record was read, and tells of it. */
function turnAway(context: ServerContext, request: Presentation, reason: RefreshRefusal): Refusal<RefreshRefusal> {
  tell(context, { type: 'refresh_token.turned_away', reason, context: request.context }, context.clock())
  return refuseRefresh(reason)
}

/** A family that was issued without a key rotates, whatever its public client's policy says today (RFC 9700 §2.2.2). */
function rotationOf({ client, policy }: ClientTerms, { binding }: RefreshTokenFamily): ResolvedRefreshPolicy {
  const mayStay = policy.rotation === 'always' || client?.type === 'confidential' || binding !== undefined
  return mayStay ? policy : { ...policy, rotation: 'always' }
}

/** What could not be served whatever was granted: found before anything is spent. */
function unusableInput({ attemptKey, scope, audience }: Presentation): RefreshRefusal | undefined {
  if (attemptKey !== undefined && (typeof attemptKey !== 'string' || !ATTEMPT_KEY_SHAPE.test(attemptKey))) {
    return 'refresh_token/attempt_key_malformed'
  }
  const isScope = scope === undefined || (typeof scope === 'string' && scope.length <= SCOPE_CHARACTERS_MAX)
  if (!isScope) return 'refresh_token/scope_exceeded'
  const isAudience =
    audience === undefined ||
    typeof audience === 'string' ||
    (Array.isArray(audience) && audience.length > 0 && audience.length <= AUDIENCES_MAX)
  return isAudience ? undefined : 'refresh_token/audience_exceeded'
}

/** RFC 6749 §3.2: "Parameters sent without a value MUST be treated as if they were omitted from the request." */
export function scopeOf({ scope }: Pick<Presentation, 'scope'>): string | undefined {
  return scope === '' ? undefined : scope
}

function commandOf(
  context: ServerContext,
  request: Presentation,
  parsed: ParsedRefreshToken,
  clientId: string,
): Rotate {
  const { audience } = request
  return {
    type: 'rotate',
    generation: parsed.generation,
    secretId: parsed.secretId,
    secretIds: context.ring.ids,
    clientId,
    binding: request.binding,
    attempt: attemptOf(context, request.attemptKey, parsed),
    scope: scopeOf(request),
    resources: audience === undefined || typeof audience === 'object' ? audience : [audience],
    elevate: request.elevate,
    log: context.log === undefined ? 'absent' : 'unread',
    risk: context.hooks.risk === undefined ? undefined : 'unasked',
  }
}

function attemptOf(
  context: ServerContext,
  key: string | undefined,
  { handle, generation }: ParsedRefreshToken,
): Attempt {
  const call = encodeBase64url(context.entropy.bytes(CALL_BYTES))
  if (key === undefined) return { call }
  const hash = hashAttempt(handle, generation, key)
  return { call, client: { hash, predecessorHash: hashAttempt(handle, generation - 1, key) } }
}

/** A decision that is being made, for those who are asked about it. */
interface Inquiry {
  readonly context: ServerContext
  readonly request: Presentation
  readonly policy: ResolvedRefreshPolicy
  readonly family: RefreshTokenFamily
  readonly now: NumericDate
}

/** Answers what the decision leaves open, asking the log and the risk hook only where their word matters. */
async function answer(inquiry: Inquiry, command: Rotate): Promise<Rotate> {
  const { context, family, now, policy } = inquiry
  let asked: Rotate = context.replica.names(family) ? { ...command, log: 'named' } : command
  for (;;) {
    const question = openQuestion(family, asked, now, policy)
    if (question === undefined) return asked
    asked = question === 'log' ? { ...asked, log: await askLog(inquiry) } : { ...asked, risk: await askRisk(inquiry) }
  }
}

async function askRisk({ context, request, family, now }: Inquiry): Promise<Rotate['risk']> {
  const ageSeconds = Math.max(0, now - family.rotatedAt)
  let risk: Rotate['risk']
  try {
    risk = await context.hooks.risk?.({ family: publicFamily(family), context: request.context, ageSeconds })
  } catch (cause) {
    throw new TokenError('ERR_HOOK', 'the risk hook failed', { cause })
  }
  if (risk === 'serve' || risk === 'step_up' || risk === 'revoke') return risk
  throw new TokenError('ERR_HOOK', "the risk hook must answer 'serve', 'step_up' or 'revoke'")
}

async function askLog({ context, family, now }: Inquiry): Promise<Rotate['log']> {
  if (context.log === undefined) return 'absent'
  try {
    await context.replica.sync(context.log, now)
  } catch {
    return 'unreadable'
  }
  return context.replica.names(family) ? 'named' : 'clear'
}

const CALL_BYTES = 16
/** As at issue. */
const SCOPE_CHARACTERS_MAX = 2048
const AUDIENCES_MAX = 16
const ATTEMPT_KEY_SHAPE = /^[\x21-\x7E]{22,128}$/
