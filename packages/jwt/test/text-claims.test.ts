// Claims that are text are text (RFC 7519 §2, StringOrURI): no half of a character, no U+0000, on either side.
import { expect, test } from 'vitest'
import { createIssuer } from '../src/issue.ts'
import { countingEntropy, forge, goodClaims, headerOf, keyFor, NOW, parties, verdict } from './tokens.ts'

const BROKEN = [
  String.raw`user\ud800`,
  String.raw`\udfffuser`,
  String.raw`a\udc00\ud800b`,
  String.raw`user\u0000`,
  String.raw`\u0000`,
]
const WHOLE = [String.raw`\ud83d\ude00`, 'łódź', String.raw`\u0001`, '用户']

test.each(['sub', 'client_id', 'jti'])(
  'W32 A37 %s of half a character or with U+0000 is neither verified nor issued',
  async (claim) => {
    const key = await keyFor('HS256')
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 300, keys: [key] })
    const written = (escaped: string) =>
      forge(
        key,
        headerOf(key),
        JSON.stringify({ ...goodClaims, [claim]: '~' }).replace('~', () => escaped),
      )
    const given = { sub: 'user_42', client_id: 'web' }
    for (const escaped of BROKEN) {
      expect([escaped, await verdict(key, written(escaped))]).toEqual([escaped, 'jwt/invalid_claim'])
      const claims = { ...given, [claim]: JSON.parse(`"${escaped}"`) as string }
      await expect(issuer.issue(claims, NOW, countingEntropy())).rejects.toThrow(
        new RegExp(`^issue: ${claim} must be text`),
      )
    }
    for (const escaped of WHOLE) {
      expect([escaped, await verdict(key, written(escaped))]).toEqual([escaped, 'ok'])
      const claims = { ...given, [claim]: JSON.parse(`"${escaped}"`) as string }
      await expect(issuer.issue(claims, NOW, countingEntropy())).resolves.toMatch(/^ey/)
    }
  },
)
