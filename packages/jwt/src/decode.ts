// Reads a JWT without verifying anything (RFC 7519 §3): for logs and tools, never for a decision.
import type { Result } from '@tallystick/core'
import { decodeBase64url } from '@tallystick/core/base64url'
import { passGate } from './gate.ts'
import type { JsonObject } from './json.ts'
import { parseJsonObject } from './json.ts'
import { defaults } from './policy.ts'
import type { JwtRefusal } from './refusals.ts'
import { refuse } from './refusals.ts'

/**
 * Decodes a JWT's header and claims. **Nothing is verified**: anybody can have written both.
 *
 * @param token - At most 16 384 characters.
 * @returns What the token says of itself, deeply frozen; or `jwt/too_long`, `jwt/malformed`. Never throws.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519.html#section-3 RFC 7519 §3}
 */
export function decode(
  token: string,
): Result<{ readonly header: JsonObject; readonly claims: JsonObject }, JwtRefusal> {
  const segments = passGate(token, defaults.lengthMax)
  if (typeof segments === 'string') return refuse(segments)
  const header = decodeBase64url(token.slice(0, segments.headerEnd))
  const payload = decodeBase64url(token.slice(segments.headerEnd + 1, segments.payloadEnd))
  const headerMembers = header === undefined ? undefined : parseJsonObject(header)
  const claims = payload === undefined ? undefined : parseJsonObject(payload)
  if (headerMembers === undefined || claims === undefined) return refuse('jwt/malformed')
  return { ok: true, header: headerMembers, claims }
}
