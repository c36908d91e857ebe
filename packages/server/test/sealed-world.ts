// Sealed sessions in a world that a test owns, and what stands inside a value.
import { systemEntropy } from '@tallystick/core/system'
import { decrypt, type DecryptionKey, encrypt, importSealingSecret } from '@tallystick/jwt/jwe'
import { expect } from 'vitest'
import { createSealedSessions, type SealedSessions, type SealedSessionsOptions } from '../src/sealed.ts'
import { type TestClock, testClock } from './world.ts'

export const NAME = '__Host-Http-session'
export const CONTEXT: string = `session:${NAME}`
export const authentication = { methods: ['pwd'], acr: 'silver' }
export const stronger = { methods: ['pwd', 'otp'], acr: 'gold' }
/** Idle after ten minutes, at an end after an hour, sealed anew every half minute, elevated for two minutes. */
export const short = { idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3600, touchSeconds: 30, elevationSeconds: 120 }

/** A secret whose bytes a test knows. */
export function secretOf(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => (at * 7 + seed * 31 + 1) & 0xff)
}

export function sealingKey(keyId: string, seed = 1): Promise<DecryptionKey> {
  return importSealingSecret(secretOf(seed), { algorithm: 'dir', encryption: 'A256GCM', keyId })
}

export const key: DecryptionKey = await sealingKey('1')

export interface SealedWorld {
  readonly sealed: SealedSessions
  readonly clock: TestClock
  /** Another process that has the same clock. */
  another(options: Partial<SealedSessionsOptions>): SealedSessions
}

export function createSealedWorld(given: Partial<SealedSessionsOptions> = {}): SealedWorld {
  const clock = testClock()
  const options = { keys: [key], cookieName: NAME, policy: short, clock, ...given }
  return {
    sealed: createSealedSessions(options),
    clock,
    another: (other) => createSealedSessions({ ...options, ...other }),
  }
}

/** A value for a user who has just signed in. */
export async function sealFor({ sealed }: Pick<SealedWorld, 'sealed'>, data?: unknown): Promise<string> {
  return valueOf(await sealed.seal({ subject: 'alice', authentication, data }))
}

/** The value of an answer that must have one. */
export function valueOf(answer: { readonly ok: boolean; readonly credential?: string | undefined }): string {
  expect(answer).toMatchObject({ ok: true, credential: expect.any(String) })
  return answer.credential ?? ''
}

/** An answer in a word. */
export function wordOf(answer: { readonly ok: boolean } | { readonly reason: string }): string {
  return 'reason' in answer ? answer.reason : 'ok'
}

/** What opening a value answers, in a word. */
export async function opened(sealed: SealedSessions, value: string): Promise<string> {
  return wordOf(await sealed.open(value))
}

/** What stands inside a value. */
export async function inside(value: string, keys: readonly DecryptionKey[] = [key]): Promise<Record<string, unknown>> {
  const result = await decrypt(value, { keys, context: CONTEXT })
  if (!result.ok) throw new Error(result.reason)
  return JSON.parse(new TextDecoder().decode(result.payload)) as Record<string, unknown>
}

/** A value with something else inside, made by somebody who has the key. */
export function forge(content: unknown, context: string = CONTEXT): Promise<string> {
  const payload = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content))
  return encrypt(payload, { key, context }, systemEntropy)
}

/** The five parts of a value. */
export function partsOf(value: string): readonly [string, string, string, string, string] {
  return value.split('.') as unknown as [string, string, string, string, string]
}

/** Whether a promise rejects, and with what. */
export async function failureOf(call: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await call
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Error)
    return thrown as Error
  }
  throw new Error('nothing was thrown')
}
