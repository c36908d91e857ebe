// What must not compile, and what types a schema gives to both sides.
import type { NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import * as z from 'zod/mini'
import {
  createIssuer,
  createSyncVerifier,
  createVerifier,
  generateKey,
  importVerificationKey,
  toJwks,
} from '../src/index.ts'
import type { SigningKey, VerificationKey, Verified } from '../src/index.ts'
import { ISSUER, NOW, countingEntropy, parties } from './tokens.ts'

const key: SigningKey = await generateKey('ES256')
const publicKey: VerificationKey = await importVerificationKey({}, { algorithm: 'ES256' })
const entropy = countingEntropy()
const claims = z.object({
  tenant: z.string(),
  since: z.pipe(
    z.number(),
    z.transform((seconds: number) => new Date(seconds)),
  ),
})
const options = { ...parties, algorithms: ['ES256'], keys: [key] } as const

const issuer = createIssuer({ ...parties, lifetimeSeconds: 300, keys: [key] })
const typed = createIssuer({ ...parties, lifetimeSeconds: 300, keys: [key], claims })
export const issued: readonly Promise<string>[] = [
  issuer.issue({ sub: 'a', client_id: 'b', anything: [1] }, NOW, entropy),
  typed.issue({ sub: 'a', client_id: 'b', tenant: 't', since: 1 }, NOW, entropy),
  // @ts-expect-error AT-2: client_id is required
  issuer.issue({ sub: 'a' }, NOW, entropy),
  // @ts-expect-error a schema's claim is required
  typed.issue({ sub: 'a', client_id: 'b', tenant: 't' }, NOW, entropy),
  // @ts-expect-error the schema's input is issued, not its output
  typed.issue({ sub: 'a', client_id: 'b', tenant: 't', since: new Date(0) }, NOW, entropy),
  // @ts-expect-error a plain number is no NumericDate
  issuer.issue({ sub: 'a', client_id: 'b' }, 1_790_000_000, entropy),
  // @ts-expect-error entropy is never defaulted
  issuer.issue({ sub: 'a', client_id: 'b' }, NOW),
]

// @ts-expect-error JW-1: algorithms is required
createVerifier({ ...parties, keys: [key] })
// @ts-expect-error AT-3: an audience is required
createVerifier({ ...options, audience: undefined })
// @ts-expect-error JW-27: there is no such algorithm
createVerifier({ ...options, algorithms: ['none'] })
// @ts-expect-error a secret is no key
createVerifier({ ...options, keys: [new Uint8Array(32)] })
// @ts-expect-error isRevoked is synchronous
createVerifier({ ...options, isRevoked: async () => false })
// @ts-expect-error a public key does not sign
createIssuer({ ...parties, lifetimeSeconds: 300, keys: [publicKey] })
// @ts-expect-error an algorithm must be given
await importVerificationKey({}, {})
// @ts-expect-error key objects are not made by hand
export const forged: SigningKey = { kind: 'signing', algorithm: 'ES256', keyId: 'k' }

const now: NumericDate = numericDate(0)
const plain = createSyncVerifier(options).verify('', now)
if (plain.ok) {
  const anything: unknown = plain.claims['tenant']
  const verified: Verified<{ readonly sub: string }> = plain.claims
  // @ts-expect-error unknown claims have no type
  const tenant: string = plain.claims['tenant']
  console.log(anything, verified.sub, tenant, toJwks([publicKey]), ISSUER)
} else {
  const reason: `jwt/${string}` = plain.reason
  console.log(reason)
}

const rich = await createVerifier({ ...options, claims }).verify('', now)
if (rich.ok) {
  const since: Date = rich.claims.since
  const subject: string = rich.claims.sub
  // @ts-expect-error the output type, not the input
  const seconds: number = rich.claims.since
  // @ts-expect-error a claim that no schema names
  console.log(rich.claims.other, since, subject, seconds)
}
