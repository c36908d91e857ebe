// The published vectors of refresh tokens and session credentials: every runtime must give these texts for these bytes.
import { decodeBase64url } from '@tallystick/core/base64url'
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { deriveFamilyId, issueToken, parseToken } from '@tallystick/refresh-token'
import { resolveSecrets } from '@tallystick/refresh-token/secrets'
import { hashAttempt } from '@tallystick/refresh-token/token'
import {
  deriveSecret,
  formatCredential,
  hashLineage,
  hashSecret,
  parseCredential,
} from '@tallystick/session/credential'
import { holds, same, type Register } from './checks.ts'

interface TokenVectors {
  readonly tokens: readonly {
    readonly comment: string
    readonly secretId: number
    readonly secret: string
    readonly handle: string
    readonly generation: number
    readonly token: string
    readonly familyId: string
    readonly attemptKey: string
    readonly attemptHash: string
  }[]
  readonly refused: readonly { readonly comment: string; readonly token: string; readonly reason: string }[]
}

interface CredentialVectors {
  readonly credentials: readonly {
    readonly comment: string
    readonly credential: string
    readonly sessionId: string
    readonly secret: string
    readonly hash: string
    readonly lineageHash: string
    readonly ringSecret: string
    readonly successor: string
  }[]
  readonly malformed: readonly { readonly comment: string; readonly text: string }[]
}

/** The texts of the vectors' files, put here when the suite is bundled: some runtimes have no files. */
declare const REFRESH_TOKEN_VECTORS: string
declare const SESSION_CREDENTIAL_VECTORS: string

/** Registers a check for each vector. */
export function vectorChecks(check: Register): void {
  tokenChecks(check, JSON.parse(REFRESH_TOKEN_VECTORS) as TokenVectors)
  credentialChecks(check, JSON.parse(SESSION_CREDENTIAL_VECTORS) as CredentialVectors)
}

function tokenChecks(check: Register, { tokens, refused }: TokenVectors): void {
  const secrets = new Map(tokens.map(({ secretId, secret }) => [secretId, secret]))
  const ring = resolveSecrets([...secrets].map(([id, secret]) => ({ id, secret })))
  for (const vector of tokens) {
    check(`vector: ${vector.comment}`, () => {
      const { generation, secretId } = vector
      const handle = decodeBase64url(vector.handle)
      holds(handle !== undefined, 'the handle is base64url')
      const parts = { handle, generation, secretId }
      same(issueToken(ring, parts), vector.token)
      same(parseToken(ring, vector.token), { ok: true, ...parts })
      same(deriveFamilyId(handle), vector.familyId)
      same(hashAttempt(handle, generation, vector.attemptKey), vector.attemptHash)
    })
  }
  for (const { comment, token, reason } of refused) {
    check(`vector, refused: ${comment}`, () => same(parseToken(ring, token), { ok: false, reason }))
  }
}

function credentialChecks(check: Register, { credentials, malformed }: CredentialVectors): void {
  for (const { comment, credential, secret, ...vector } of credentials) {
    check(`session vector: ${comment}`, () => {
      const ring = resolveSecretRing([{ id: 7, secret: vector.ringSecret }], 'vectors')
      const parsed = parseCredential(credential)
      holds(parsed !== undefined, 'it is a credential')
      const { sessionId } = parsed
      same(parsed, { sessionId: vector.sessionId, secret })
      same(formatCredential(sessionId, secret), credential)
      same([hashSecret(secret), hashLineage(sessionId, secret)], [vector.hash, vector.lineageHash])
      same(formatCredential(sessionId, deriveSecret(ring, 7, sessionId, secret) ?? ''), vector.successor)
    })
  }
  for (const { comment, text } of malformed) {
    check(`session vector, no credential: ${comment}`, () => same(parseCredential(text), undefined))
  }
}
