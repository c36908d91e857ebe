// Real keys for the fleet, made once, each with what a verifier imports of its published form.
import { generateKey } from '../src/generate-key.ts'
import { importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import type { SigningKey, VerificationKey } from '../src/key.ts'

/** A key and what a verifier makes of its published form. */
export interface PooledKey {
  readonly key: SigningKey
  readonly published: VerificationKey
}

/** Real keys, made once. */
export async function makePool(count: number): Promise<readonly PooledKey[]> {
  const pool: PooledKey[] = []
  for (let made = 0; made < count; made += 1) {
    const key = await generateKey('Ed25519')
    const [jwk] = toJwks([key]).keys
    pool.push({ key, published: await importVerificationKey(jwk as never, { algorithm: 'Ed25519' }) })
  }
  return pool
}
