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
  const own = secret === undefined ? asymmetricDriver(row, members, signs) : secretDriver(row, secret)
  const subtle = subtleDriver(row, verifying, signing)
  if (!(await agree(own === undefined ? [subtle] : [subtle, own]))) throw new TypeError('the halves do not fit')
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

/**
 * Whether what each driver signs is good for all of them under the public key, and for nothing else: a private key may
 * come with another's public part, and a runtime's two ways to one algorithm may differ.
 */
async function agree(drivers: readonly (SynchronousDriver | SubtleDriver)[]): Promise<boolean> {
  for (const { sign } of drivers) {
    if (sign === undefined) continue
    const signature = await sign(MESSAGE)
    for (const { verify } of drivers) {
      if (!(await verify(MESSAGE, signature)) || (await verify(OTHER_MESSAGE, signature))) return false
    }
  }
  return true
}

function modulusBytes(members: JwkMembers): number {
  return decodeBase64url(members['n'] ?? '')?.length ?? 0
}

const MESSAGE = Uint8Array.of(1)
const OTHER_MESSAGE = Uint8Array.of(2)
