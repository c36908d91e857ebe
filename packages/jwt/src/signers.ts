// Which key signs at a moment, with the header that names it (RFC 7515 §4.1).
import type { NumericDate } from '@tallystick/core'
import { TokenError } from '@tallystick/core'
import { secretMistake } from '@tallystick/core/options'
import type { KeyMaterial, SigningKey } from './key.ts'
import { materialOf } from './key.ts'
import { checkKeys } from './key-set.ts'
import { encodeText } from './node-crypto.ts'
import { checkRange } from './policy.ts'
import { scheduleOf } from './schedule-keys.ts'

/** What signs, and the header that names it. */
export interface Signer {
  readonly material: KeyMaterial
  readonly header: string
}

/** The signer of each moment: always the first key, or the one that a schedule names. */
export function createSigners(keys: unknown, type: string, lifetimeSeconds: number): (now: NumericDate) => Signer {
  const schedule = scheduleOf(keys)
  if (schedule === undefined) {
    const first = signerOf(checkKeys(OWNER, keys)[0], type)
    return () => first
  }
  checkRange(OWNER, 'lifetimeSeconds', lifetimeSeconds, [1, schedule.policy.tokenLifetimeSecondsMax])
  let known: { readonly key: unknown; readonly signer: Signer } | undefined
  return (now) => {
    const key = schedule.signingKeyAt(now)
    if (key === undefined) throw new TokenError('ERR_SIGNING', 'the key schedule has no key that signs now')
    if (known?.key !== key) known = { key, signer: signerOf(key, type) }
    return known.signer
  }
}

function signerOf(key: unknown, type: string): Signer {
  const material = materialOf(key)
  if (material === undefined || (key as SigningKey).kind !== 'signing')
    throw secretMistake(OWNER, 'keys.0', 'must be a signing key', key)
  const { keyId } = key as SigningKey
  return { material, header: encodeText(JSON.stringify({ alg: material.row.name, typ: type, kid: keyId })) }
}

const OWNER = 'createIssuer'
