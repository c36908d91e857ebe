// Makes what stands behind a key object from a checked JWK: both drivers and the thumbprint, once, at import.
import { decodeBase64url } from '@tallystick/core/base64url'
import { calculateJwkThumbprint } from 'jose'
import type { AlgorithmRow } from './algorithms.ts'
import type { KeyPurpose } from './jwk.ts'
import { publicJwkOf } from './jwk.ts'
import type { KeyMaterial, SubtleDriver, SynchronousDriver } from './key.ts'
import type { JwkMembers } from './node-crypto.ts'
import { asymmetricDriver, secretDriver } from './node-crypto.ts'
import { importInto, subtleDriver } from './web-crypto.ts'

/**
 * Prepares a key for use; whether its numbers fit together is for the runtime to say, which throws.
 *
 * @param members - A checked JWK; of a symmetric key, all of it.
 * @param purpose - Whether the key signs too.
 * @param isExtractable - Whether the private members are kept for `exportKey`.
 */
export async function createMaterial(
  row: AlgorithmRow,
  members: JwkMembers,
  purpose: KeyPurpose,
  isExtractable = false,
): Promise<KeyMaterial> {
  const publicJwk = publicJwkOf(members)
  const signs = purpose === 'sign'
  const secret = publicJwk === undefined ? decodeBase64url(members['k'] ?? '') : undefined
  const verifying = await importInto(row, publicJwk ?? members, 'verify')
  const signing = signs ? await importInto(row, members, 'sign') : undefined
  const own = secret === undefined ? asymmetricDriver(row, members, signs) : secretDriver(secret)
  const subtle = subtleDriver(row, verifying, signing)
  if (!(await signsForItself(subtle)) || !(await signsForItself(own))) throw new TypeError('the halves do not fit')
  return {
    row,
    thumbprint: await calculateJwkThumbprint({ ...(publicJwk ?? members) }, 'sha256'),
    signatureBytes: row.signatureBytes === 'modulus' ? modulusBytes(members) : row.signatureBytes,
    publicJwk,
    synchronous: own === undefined || signs ? own : { verify: own.verify },
    subtle,
    exported: isExtractable ? Object.freeze({ ...members }) : undefined,
  }
}

/** Whether what a driver signs is good under its own public key: a private key may come with another's public part. */
async function signsForItself(driver: SynchronousDriver | SubtleDriver | undefined): Promise<boolean> {
  if (driver?.sign === undefined) return true
  const message = Uint8Array.of(1)
  return await driver.verify(message, await driver.sign(message))
}

function modulusBytes(members: JwkMembers): number {
  return decodeBase64url(members['n'] ?? '')?.length ?? 0
}
