// What the built packages chose in this runtime: for whoever started the suite, to compare with what is right there.
import { hmacSha256, nativePrimitives } from '@tallystick/core/crypto'
import { numericDate } from '@tallystick/core'
import { createSyncVerifier } from '@tallystick/jwt/verify'
import { generateKey } from '@tallystick/jwt/keys'
import { API, ISSUER } from './world.ts'
import { ENCRYPTIONS, keyOrAbsence, MANAGEMENTS } from './encryption.ts'
import { ALGORITHMS, ML_DSA } from './signatures.ts'
import { findSqlite } from './storage.ts'

/** The choices that differ from runtime to runtime. */
export interface Facts {
  /** How a MAC is computed: by the one-shot hash of `node:crypto`, by its HMAC object, or in plain TypeScript. */
  readonly hash: 'one-shot' | 'object' | 'portable'
  /** The algorithms that are verified without a promise. */
  readonly synchronous: readonly string[]
  /** The algorithms of signing and encryption that it has not got. */
  readonly absent: readonly string[]
  /** Whether the storage contract was checked on `node:sqlite`. */
  readonly sqlite: boolean
}

/** Finds out by use, not by asking for names. */
export async function findFacts(): Promise<Facts> {
  const synchronous: string[] = []
  for (const algorithm of ALGORITHMS) {
    const options = { issuer: ISSUER, audience: API, type: 'at+jwt', algorithms: [algorithm] } as const
    const keys = [await generateKey(algorithm)]
    try {
      createSyncVerifier({ ...options, keys }).verify('', numericDate(0))
      synchronous.push(algorithm)
    } catch (error) {
      if (!/verifies synchronously/.test(String(error))) throw error
    }
  }
  return { hash: formOfHash(), synchronous, absent: await findAbsent(), sqlite: findSqlite() !== undefined }
}

/** Names of which nothing works: each alone would be a hole in a table of pairs. */
async function findAbsent(): Promise<readonly string[]> {
  const absent: string[] = []
  for (const algorithm of ML_DSA) {
    const isThere = await generateKey(algorithm).then(
      () => true,
      () => false,
    )
    if (!isThere) absent.push(algorithm)
  }
  for (const [algorithm, curve] of MANAGEMENTS)
    for (const encryption of ENCRYPTIONS) {
      if ((await keyOrAbsence(algorithm, encryption, curve)) === undefined)
        absent.push([algorithm, curve, encryption].join(' '))
    }
  return absent
}

interface NodeCrypto {
  createHmac: (name: string, key: unknown) => unknown
}

/** Counts the HMAC objects that one MAC costs. */
function formOfHash(): Facts['hash'] {
  if (nativePrimitives === undefined) return 'portable'
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const nodeCrypto = process?.getBuiltinModule?.('node:crypto') as NodeCrypto
  const mac = hmacSha256(new Uint8Array(32))
  const { createHmac } = nodeCrypto
  let objects = 0
  nodeCrypto.createHmac = (name, key) => {
    objects += 1
    return createHmac(name, key)
  }
  try {
    mac(new Uint8Array(41))
  } finally {
    nodeCrypto.createHmac = createHmac
  }
  return objects === 0 ? 'one-shot' : 'object'
}
