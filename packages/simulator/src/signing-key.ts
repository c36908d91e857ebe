// A signing key that comes from a seed, so that a simulated server signs the same bytes again. NEVER for production.
import { createPrivateKey } from 'node:crypto'
import { importSigningKey, type SigningKey } from '@tallystick/jwt'
import type { Chance } from './chance.ts'

/** Makes an Ed25519 key (RFC 8037): its signatures repeat, those of ES256 do not. */
export async function createSimulatedKey(chance: Chance): Promise<SigningKey> {
  const der = Buffer.concat([PKCS8_ED25519, chance.bytes(32)])
  const { kty, crv, x, d } = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  return importSigningKey({ kty, crv, x, d }, { algorithm: 'Ed25519' })
}

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
