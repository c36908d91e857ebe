// What must not compile: an algorithm that is not offered, a key without its algorithm, a key that does not sign.
import type { SigningKey, VerificationKey } from '../src/index.ts'
import { generateKey, importKey, importSecret, signCompact, verifyCompact } from '../src/index.ts'
import type { KeyMaterial } from '../src/key.ts'

export async function compiles(key: SigningKey, verifying: VerificationKey, secret: Uint8Array): Promise<void> {
  const made: SigningKey = await generateKey('ML-DSA-65')
  const token: string = await signCompact(secret, { key: made, header: { typ: 'x' } })
  const result = await verifyCompact(token, { keys: [verifying, key], algorithms: ['EdDSA', 'ES512'] })
  if (result.ok) result.payload satisfies Uint8Array
}

export async function doesNot(jwk: { kty: string }, verifying: VerificationKey, secret: Uint8Array): Promise<void> {
  // @ts-expect-error JW-2 no such algorithm
  await generateKey('none')
  // @ts-expect-error JW-2 names are exact
  await generateKey('es384')
  // @ts-expect-error JW-4 the algorithm is the caller's to say
  await importKey(jwk)
  // @ts-expect-error JW-4 the algorithm is the caller's to say
  await importSecret(secret, {})
  // @ts-expect-error a key that verifies does not sign
  await signCompact('x', { key: verifying })
  // @ts-expect-error JW-1 algorithms has no default
  await verifyCompact('x', { keys: [verifying] })
  // @ts-expect-error W4 a key is no text
  await verifyCompact('x', { keys: ['secret'], algorithms: ['HS256'] })
  // @ts-expect-error W18 material is no key object
  await verifyCompact('x', { keys: [{} as KeyMaterial], algorithms: ['ES256'] })
}
