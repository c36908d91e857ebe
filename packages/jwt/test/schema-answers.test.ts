// What a claims schema may answer: everything that is neither issues nor an object is a failure, never a yes.
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIssuer } from '../src/issue.ts'
import type { StandardSchemaV1 } from '../src/schema.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import { countingEntropy, keyFor, NOW, parties, tokenWith } from './tokens.ts'

const refused = { issues: [{ message: 'no' }] }
const loose = <Value>(answer: Value): Value => answer

/** Answers that say nothing, and what each is called. */
const noAnswers: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  text: () => 'no',
  'an empty object': () => ({}),
  'an Error': () => new Error('no'),
  'issues undefined and no value': () => ({ issues: undefined }),
  'issues that are no list': () => ({ issues: 'no', value: {} }),
  'issues null': () => ({ issues: null, value: {} }),
  'a value that is inherited': () => Object.create({ value: {} }),
  'value undefined': () => ({ value: undefined }),
  'value null': () => ({ value: null }),
  'value text': () => ({ value: 'text' }),
  'value a list': () => ({ value: [] }),
  'a member that throws': () => ({
    get issues() {
      throw new Error('down')
    },
  }),
}
const promises: Readonly<Record<string, (answer: unknown) => unknown>> = {
  'a promise': async (answer) => answer,
  'a thenable': (answer) => thenable((resolve) => resolve(answer)),
  'a promise of another realm': (answer) => runInNewContext('Promise.resolve(answer)', { answer }),
  'a function that is thenable': (answer) =>
    Object.assign(
      () => answer,
      thenable((resolve) => resolve(answer)),
    ),
}
const rejections: Readonly<Record<string, () => unknown>> = {
  'a promise': async () => {
    throw new Error('pin 1234')
  },
  'a promise of another realm': () => runInNewContext('Promise.reject(new Error("pin 1234"))'),
  'a thenable': () => thenable((_, reject) => reject(new Error('pin 1234'))),
  'a thenable that throws': () =>
    thenable(() => {
      throw new Error('pin 1234')
    }),
}

let unheard: unknown[]
const note = (reason: unknown) => unheard.push(reason)
beforeEach(() => {
  unheard = []
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
})

describe('the answer of a claims schema', () => {
  test.each(Object.keys(noAnswers))('W32 W99 %s is a failure of the hook, on both sides', async (name) => {
    const { verifyNow, verifyLater, issue } = await sidesWith(noAnswers[name])
    expect(verifyNow).toThrow(expect.objectContaining({ name: 'TokenError', code: 'ERR_HOOK' }))
    await expect(verifyLater()).rejects.toMatchObject({ name: 'TokenError', code: 'ERR_HOOK' })
    await expect(issue()).rejects.toMatchObject({ name: 'TokenError', code: 'ERR_HOOK' })
  })

  test.each(Object.keys(promises))(
    'W99 %s of issues refuses where it is awaited, and is a failure where it cannot be',
    async (name) => {
      const { verifyNow, verifyLater, issue } = await sidesWith(() => promises[name]?.(refused))
      expect(verifyNow).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }))
      expect(await verifyLater()).toMatchObject({ ok: false, reason: 'jwt/invalid_claim' })
      await expect(issue()).rejects.toThrow(/must be as the claims schema says/)
      const good = await sidesWith((value) => promises[name]?.({ value }))
      expect(await good.verifyLater()).toMatchObject({ ok: true, claims: { sub: 'user_42' } })
      expect(await good.issue()).toMatch(/^ey/)
      const silent = await sidesWith(() => promises[name]?.(true))
      await expect(silent.verifyLater()).rejects.toMatchObject({ code: 'ERR_HOOK' })
    },
  )

  test.each(Object.keys(rejections))('%s that rejects is a failure that tells nothing of its text', async (name) => {
    const { verifyLater, issue } = await sidesWith(rejections[name])
    for (const attempt of [verifyLater, issue]) {
      const thrown: unknown = await attempt().catch((error: unknown) => error)
      expect(thrown).toMatchObject({ name: 'TokenError', code: 'ERR_HOOK' })
      expect(JSON.stringify([(thrown as Error).message, (thrown as Error).cause])).not.toContain('1234')
    }
  })

  test.each(Object.keys(promises))(
    'the synchronous verifier refuses a schema at once that answers with %s',
    async (name) => {
      const options = await optionsWith((value) => promises[name]?.({ value }))
      expect(() => createSyncVerifier(options)).toThrow(/claims must validate synchronously/)
    },
  )
})

describe('an answer that comes too late', () => {
  test.each(Object.keys(rejections))('W55 ends no process when %s rejects that nobody awaits', async (name) => {
    const reject = rejections[name] ?? (() => undefined)
    const options = await optionsWith(reject)
    expect(() => createSyncVerifier(options)).toThrow(TypeError)
    const { verifyNow } = await sidesWith(reject)
    expect(verifyNow).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }))
    const key = await keyFor('HS256')
    const isRevoked = loose(reject as unknown as () => boolean)
    const revocable = { ...parties, algorithms: ['HS256'], keys: [key], isRevoked } as const
    expect(() => createSyncVerifier(revocable).verify(tokenWith(key), NOW)).toThrow(
      expect.objectContaining({ code: 'ERR_HOOK' }),
    )
    await expect(createVerifier(revocable).verify(tokenWith(key), NOW)).rejects.toMatchObject({ code: 'ERR_HOOK' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(unheard).toEqual([])
  })
})

// oxlint-disable-next-line unicorn/no-thenable -- what is tested is a thenable
const THEN = 'then'
type Settle = (answer: unknown) => void
function thenable(then: (resolve: Settle, reject: Settle) => void): object {
  return { [THEN]: then }
}

async function optionsWith(validate: (value: unknown) => unknown) {
  const claims = { '~standard': { version: 1, vendor: 'test', validate } } as unknown as StandardSchemaV1<object>
  return { ...parties, algorithms: ['HS256'], keys: [await keyFor('HS256')], claims } as const
}

/** The three ways to a schema; an empty object, which is what construction asks about, it takes. */
async function sidesWith(answer: ((value: unknown) => unknown) | undefined) {
  const validate = (value: unknown) => (Object.keys(value as object).length === 0 ? { value } : answer?.(value))
  const options = await optionsWith(validate)
  const token = tokenWith(options.keys[0])
  const issuer = createIssuer({ ...parties, keys: options.keys, claims: options.claims, lifetimeSeconds: 300 })
  return {
    verifyNow: () => createSyncVerifier(options).verify(token, NOW),
    verifyLater: () => createVerifier(options).verify(token, NOW),
    issue: () => issuer.issue({ sub: 'user_42', client_id: 'web' }, NOW, countingEntropy()),
  }
}
