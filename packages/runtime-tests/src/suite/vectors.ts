// The published refresh token vectors: every runtime must give these texts for these bytes.
import { decodeBase64url } from '@tallystick/core/base64url'
import { deriveFamilyId, issueToken, parseToken } from '@tallystick/refresh-token'
import { resolveSecrets } from '@tallystick/refresh-token/secrets'
import { hashAttempt } from '@tallystick/refresh-token/token'
import { holds, same, type Register } from './checks.ts'

interface Vectors {
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

/** The text of the vectors' file, put here when the suite is bundled: some runtimes have no files. */
declare const REFRESH_TOKEN_VECTORS: string

/** Registers a check for each vector. */
export function vectorChecks(check: Register): void {
  const { tokens, refused } = JSON.parse(REFRESH_TOKEN_VECTORS) as Vectors
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
