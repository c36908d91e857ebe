// Makes tokens of any shape under real keys, and verifies them through every driver at once.
import type { Entropy, NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { expect } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { algorithms } from '../src/algorithms.ts'
import { checkThroughSubtle } from '../src/drivers.ts'
import { generateKey } from '../src/generate-key.ts'
import type { SigningKey } from '../src/key.ts'
import { materialOf } from '../src/key.ts'
import { createLaw } from '../src/law.ts'
import type { VerifierOptions, VerifyResult } from '../src/verify.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'

/** Asked by another way than the code under test asks. */
export const HAS_ML_DSA: boolean = await crypto.subtle.generateKey('ML-DSA-44', false, ['sign', 'verify']).then(
  () => true,
  () => false,
)

/** Every name in the table; ML-DSA where this runtime has it, as Node has since 24.7. */
export const ALGORITHMS: readonly JwtAlgorithm[] = (Object.keys(algorithms) as JwtAlgorithm[]).filter(
  (name) => algorithms[name].keyType !== 'AKP' || HAS_ML_DSA,
)
/** One of each way to make a signature, where the hash makes no difference. */
export const USUAL: readonly JwtAlgorithm[] = ['ES256', 'Ed25519', 'PS256', 'RS256', 'HS256']
export const isSymmetric = (name: JwtAlgorithm): boolean => algorithms[name].keyType === 'oct'
export const NOW: NumericDate = numericDate(1_790_000_000)
export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'https://api.example.com'
export const parties = { issuer: ISSUER, audience: AUDIENCE, type: 'at+jwt' } as const
export const later = (seconds: number): NumericDate => numericDate(NOW + seconds)

/** Counts up, so that two draws differ and a run repeats. */
export function countingEntropy(): Entropy {
  let count = 0
  return {
    bytes: (length) => Uint8Array.from({ length }, (_, at) => (count += 1) * 31 + at),
  }
}

const generated = new Map<JwtAlgorithm, Promise<SigningKey>>()

/** One key for each algorithm, made once a file. */
export function keyFor(algorithm: JwtAlgorithm): Promise<SigningKey> {
  const key = generated.get(algorithm) ?? generateKey(algorithm)
  generated.set(algorithm, key)
  return key
}

export const goodClaims = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'user_42',
  client_id: 'web',
  iat: Number(NOW),
  exp: NOW + 300,
  jti: 'token_1',
}

export function headerOf(key: SigningKey): Record<string, unknown> {
  return { alg: key.algorithm, typ: 'at+jwt', kid: key.keyId }
}

const encoder = new TextEncoder()

/** A segment: text and bytes as they are, anything else as JSON. */
export function segment(content: unknown): string {
  if (content instanceof Uint8Array) return encodeBase64url(content)
  return encodeBase64url(encoder.encode(typeof content === 'string' ? content : JSON.stringify(content)))
}

/** Signs whatever header and payload, with a good signature. */
export function forge(key: SigningKey, header: unknown, payload: unknown): string {
  return signText(key, `${segment(header)}.${segment(payload)}`)
}

/** Signs a signing input as it stands. */
export function signText(key: SigningKey, input: string): string {
  const sign = materialOf(key)?.synchronous?.sign
  if (sign === undefined) throw new Error('no synchronous signer')
  return `${input}.${encodeBase64url(sign(encoder.encode(input)))}`
}

/** A token with a good header and the good claims, changed. */
export function tokenWith(key: SigningKey, changes: Record<string, unknown> = {}): string {
  return forge(key, headerOf(key), { ...goodClaims, ...changes })
}

/** A token with the good claims and a good header, changed. */
export function tokenUnder(key: SigningKey, changes: Record<string, unknown>): string {
  return forge(key, { ...headerOf(key), ...changes }, goodClaims)
}

/** Verifies through the synchronous, the choosing and the WebCrypto driver, which must agree in every detail. */
export function everyDriver(options: VerifierOptions): (token: string, now?: NumericDate) => Promise<VerifyResult> {
  const synchronous = createSyncVerifier(options)
  const choosing = createVerifier(options)
  const law = createLaw('test', options)
  const throughSubtle = async (token: string, now: NumericDate): Promise<VerifyResult> => {
    const prepared = law.prepare(token, now)
    if (!prepared.ok) return prepared
    const finished = law.finish(prepared, await checkThroughSubtle(prepared), now)
    return finished.ok ? law.conclude(finished, undefined, now) : finished
  }
  return async (token, now = NOW) => {
    const first = synchronous.verify(token, now)
    expect(await throughSubtle(token, now)).toEqual(first)
    expect(await choosing.verify(token, now)).toEqual(first)
    return first
  }
}

/** The answer for one token under one key: `ok` or the reason. */
export async function verdict(key: SigningKey, token: string, now: NumericDate = NOW): Promise<string> {
  const result = await everyDriver({ ...parties, algorithms: [key.algorithm], keys: [key] })(token, now)
  return result.ok ? 'ok' : result.reason
}
