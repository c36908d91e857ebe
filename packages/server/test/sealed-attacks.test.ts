// What must not open: values of another cookie, cut off, worn out, truncated, edited, or made by somebody else.
import { numericDate } from '@tallystick/core'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { systemEntropy } from '@tallystick/core/system'
import { encryptNested } from '@tallystick/jwt/jwe'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, test } from 'vitest'
import type { SealedFacts } from '../src/sealed.ts'
import {
  authentication,
  CONTEXT,
  createSealedWorld,
  failureOf,
  forge,
  inside,
  key,
  NAME,
  opened,
  partsOf,
  sealFor,
  short,
  valueOf,
  wordOf,
} from './sealed-world.ts'
import { START } from './world.ts'

describe('CK-9 a value is bound', () => {
  test('CK-9 to the name of its cookie: under any other, with the same keys, it is unknown to every verb', async () => {
    const world = createSealedWorld()
    const value = await sealFor(world)
    for (const cookieName of ['__Host-Http-admin', `${NAME}2`, NAME.toLowerCase()]) {
      const other = world.another({ cookieName })
      expect(await opened(other, value)).toBe('session/unknown')
      expect(wordOf(await other.update(value, () => 1))).toBe('session/unknown')
      expect(wordOf(await other.elevate(value, authentication))).toBe('session/unknown')
      expect(wordOf(await other.reauthenticate(value, authentication))).toBe('session/unknown')
      expect(await opened(world.sealed, valueOf(await other.seal({ subject: 'alice' })))).toBe('session/unknown')
    }
    expect(await opened(world.sealed, value)).toBe('ok')
  })

  test('CK-9 to what it is: a text of the application for the same cookie, under the same key, is no session', async () => {
    const world = createSealedWorld()
    const content = await inside(await sealFor(world))
    expect(await opened(world.sealed, await forge(content, CONTEXT))).toBe('ok')
    expect(await opened(world.sealed, await forge(content, NAME))).toBe('session/unknown')
  })

  test('CK-9 to its epoch: what was sealed before a cut-off is refused after it, at once and for good', async () => {
    const epochs = new Map([['alice', 7]])
    const current = (subject: string) => epochs.get(subject) ?? 0
    const world = createSealedWorld({ isRevoked: ({ subject, epoch }) => epoch < current(subject) })
    const signIn = async (subject: string) =>
      valueOf(await world.sealed.seal({ subject, authentication, epoch: current(subject) }))
    const [alice, bob] = [await signIn('alice'), await signIn('bob')]
    expect(await opened(world.sealed, alice)).toBe('ok')
    epochs.set('alice', 8)
    // Within the same second, too: nothing here waits for a clock.
    const again = await signIn('alice')
    for (const verb of ['open', 'update', 'elevate', 'reauthenticate'] as const) {
      const call = { open: undefined, update: () => 1, elevate: authentication, reauthenticate: authentication }[verb]
      expect(wordOf(await world.sealed[verb](alice, call as never)), verb).toBe('session/revoked')
    }
    expect(await opened(world.sealed, again)).toBe('ok')
    expect(await opened(world.sealed, bob)).toBe('ok')
  })

  test('CK-9 a value that was sealed anew, stepped up or re-authenticated keeps its epoch and its id', async () => {
    const facts: SealedFacts[] = []
    const world = createSealedWorld({
      isRevoked(asked) {
        facts.push(asked)
        return false
      },
    })
    let value = valueOf(await world.sealed.seal({ subject: 'alice', authentication, epoch: 3 }))
    world.clock.advance(40)
    value = valueOf(await world.sealed.open(value))
    value = valueOf(await world.sealed.update(value, () => 1))
    value = valueOf(await world.sealed.elevate(value, authentication))
    world.clock.advance(700)
    value = valueOf(await world.sealed.reauthenticate(value, authentication))
    await world.sealed.open(value)
    expect(facts).toHaveLength(5)
    for (const asked of facts) expect(asked).toStrictEqual({ ...facts[0] })
    expect(facts[0]).toMatchObject({ subject: 'alice', epoch: 3, establishedAt: START })
    await opened(world.sealed, await sealFor(world))
    expect(facts.at(-1)).toMatchObject({ epoch: START + 740, establishedAt: START + 740 })
  })
})

describe('a cut-off', () => {
  test('F94 is asked at every opening, so that no earlier answer outlives it', async () => {
    let isOver = false
    const world = createSealedWorld({ isRevoked: async () => isOver })
    const value = await sealFor(world)
    expect(await opened(world.sealed, value)).toBe('ok')
    isOver = true
    expect(await opened(world.sealed, value)).toBe('session/revoked')
  })

  test('F94 that fails, or answers neither yes nor no, signs nobody in and nobody out', async () => {
    for (const answer of [undefined, null, 0, 'false', {}]) {
      const world = createSealedWorld({ isRevoked: (() => answer) as never })
      const value = await sealFor(world)
      expect(await failureOf(world.sealed.open(value))).toMatchObject({ code: 'ERR_HOOK', retryable: true })
    }
    const world = createSealedWorld({ isRevoked: () => Promise.reject(new Error('the store is down')) })
    const failure = await failureOf(world.sealed.reauthenticate(await sealFor(world), authentication))
    expect(failure).toMatchObject({ code: 'ERR_HOOK' })
    expect(failure.message).not.toContain('down')
  })

  test('F87 in a record store: after a sign-out everywhere no value of the user opens, in any process', async () => {
    const { records } = memoryStorage({ clock: { now: () => START } })
    const epochOf = async (subject: string) => Number((await records.read(`cut-off:${subject}`))?.text ?? '0')
    const world = createSealedWorld({
      isRevoked: async ({ subject, epoch }) => epoch < (await epochOf(subject)),
    })
    const signIn = async () => valueOf(await world.sealed.seal({ subject: 'alice', epoch: await epochOf('alice') }))
    const values = [await signIn(), await signIn()]
    await records.compareAndSet('cut-off:alice', 'absent', { text: String(START) }, numericDate(START + 3600))
    const other = world.another({})
    for (const value of values) expect(await opened(other, value)).toBe('session/revoked')
    expect(await opened(other, await signIn())).toBe('ok')
  })
})

describe('an old value', () => {
  test('F87 that the browser was told to forget is worth nothing after its ends, however often it was used', async () => {
    const world = createSealedWorld()
    let value = await sealFor(world)
    const stolen: string[] = [value]
    for (let second = 0; second < 3590; second += 10) {
      world.clock.advance(10)
      const answer = await world.sealed.open(value)
      if (wordOf(answer) === 'ok') value = (answer as { credential?: string }).credential ?? value
      if (stolen.at(-1) !== value) stolen.push(value)
    }
    expect(stolen.length).toBeGreaterThan(50)
    expect(await opened(world.sealed, value)).toBe('ok')
    world.clock.advance(10)
    for (const one of stolen) expect(await opened(world.sealed, one)).toBe('session/expired')
    expect(wordOf(await world.sealed.reauthenticate(value, authentication))).toBe('session/expired')
  })

  test('F88 has its ends inside, and no cookie attribute is asked for them', async () => {
    const world = createSealedWorld()
    const content = await inside(await sealFor(world))
    expect(content).toMatchObject({ iat: START, used: START, idle: START + 600, exp: START + 3600 })
    for (const end of ['exp', 'idle', 'used', 'iat']) {
      const { [end]: _, ...endless } = content
      const answer = await opened(world.sealed, await forge(endless))
      // Without an idle end the policy's own holds.
      expect([end, answer]).toStrictEqual([end, end === 'idle' ? 'ok' : 'session/malformed'])
    }
    world.clock.advance(600)
    const { idle: _, ...idleless } = content
    expect(await opened(world.sealed, await forge(idleless))).toBe('session/idle')
  })

  test('F86 is not made younger by a policy that became kinder, and is ended by one that became stricter', async () => {
    const world = createSealedWorld()
    const value = await sealFor(world)
    const kinder = world.another({ policy: { idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 86_400 } })
    const stricter = world.another({ policy: { ...short, idleTimeoutSeconds: 120 } })
    world.clock.advance(119)
    expect(await opened(stricter, value)).toBe('ok')
    world.clock.advance(1)
    expect(await opened(stricter, value)).toBe('session/idle')
    world.clock.advance(480)
    expect(await opened(kinder, value)).toBe('session/idle')
  })

  test('F86 shows the end inside, and not what a policy that became kinder would have given', async () => {
    const world = createSealedWorld()
    const kinder = world.another({ policy: { ...short, idleTimeoutSeconds: 620 } })
    const answer = await kinder.open(await sealFor(world))
    expect(answer).toMatchObject({ ok: true, session: { idleExpiresAt: START + 600 } })
    expect(answer).not.toHaveProperty('credential')
  })

  test('F86 a use never moves the absolute end, also where the policy grew', async () => {
    const world = createSealedWorld()
    const value = await sealFor(world)
    const kinder = world.another({ policy: { idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 86_400 } })
    world.clock.advance(500)
    const moved = valueOf(await kinder.open(value))
    expect(await inside(moved)).toMatchObject({ exp: START + 3600 })
    expect(await inside(moved)).not.toHaveProperty('idle')
    world.clock.advance(3100)
    expect(await opened(kinder, moved)).toBe('session/expired')
  })
})

describe('a value that was touched', () => {
  test('F28 by cutting its tag or its vector is refused at every length', async () => {
    const { sealed } = createSealedWorld()
    const parts = partsOf(await sealFor({ sealed }))
    for (const at of [2, 4]) {
      const bytes = decodeBase64url(parts[at] ?? '') ?? new Uint8Array()
      expect(bytes).toHaveLength(at === 4 ? 16 : 12)
      for (let length = 0; length < bytes.length; length += 1) {
        const cut = parts.with(at, encodeBase64url(bytes.subarray(0, length))).join('.')
        expect(await opened(sealed, cut), `part ${at} of ${length} bytes`).toBe('session/unknown')
      }
    }
  })

  test('in any single character is refused, and so is one that was cut, doubled or moved', async () => {
    const { sealed } = createSealedWorld()
    const value = await sealFor({ sealed }, { cart: [1, 2, 3] })
    const counts = new Map<string, number>()
    const check = async (text: string): Promise<void> => {
      const word = await opened(sealed, text)
      expect(word, text).toMatch(/^session\/(?:malformed|unknown)$/)
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    for (let at = 0; at < value.length; at += 1) {
      const [before, now, behind] = [value.slice(0, at), value[at] ?? '', value.slice(at + 1)]
      for (const other of ['A', 'Q', '_', '.', '=', ' ', 'é']) if (other !== now) await check(before + other + behind)
      await check(before + behind)
      await check(before + now + now + behind)
    }
    for (const around of [`${value} `, `\n${value}`, `"${value}"`, `${value}.`, value.repeat(2)]) await check(around)
    expect(Math.min(...counts.values())).toBeGreaterThan(500)
    expect(counts.size).toBe(2)
  })

  test.each([
    ['nothing', ''],
    ['a word', 'signed-out'],
    ['no text', undefined],
    ['an object', { length: 5 }],
    ['a signed token', 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA'],
    ['more than a cookie holds', `a.b.c.${'A'.repeat(5000)}.e`],
  ])('what is no sealed text is malformed, and nothing throws: %s', async (_, text) => {
    expect(await opened(createSealedWorld().sealed, text as never)).toBe('session/malformed')
  })

  test('CK-5 a genuine value that no browser keeps is malformed, and its key is not even asked', async () => {
    const { sealed } = createSealedWorld()
    const content = await inside(await sealFor({ sealed }))
    const fits = await forge({ ...content, data: 'x'.repeat(2500) })
    const tooLong = await forge({ ...content, data: 'x'.repeat(3000) })
    expect(NAME.length + tooLong.length).toBeGreaterThan(4096)
    expect(await opened(sealed, fits)).toBe('ok')
    expect(await opened(sealed, tooLong)).toBe('session/malformed')
  })

  test('parts of two genuine values do not make a third', async () => {
    const world = createSealedWorld()
    const [one, other] = [partsOf(await sealFor(world, 1)), partsOf(await sealFor(world, 2))]
    for (const at of [2, 3, 4]) {
      expect(await opened(world.sealed, one.with(at, other[at] ?? '').join('.'))).toBe('session/unknown')
    }
  })
})

describe('what opens to something else', () => {
  test('is malformed, whatever it is: nothing is read of it by halves', async () => {
    const { sealed } = createSealedWorld()
    const good = await inside(await sealFor({ sealed }))
    const step = { amr: ['otp'], auth_time: START, exp: START + 10 }
    expect(await opened(sealed, await forge({ ...good, step }))).toBe('ok')
    const bad: readonly unknown[] = [
      { ...good, v: 2 },
      { ...good, v: undefined },
      { ...good, sid: 'short' },
      { ...good, sub: '' },
      { ...good, sub: 7 },
      { ...good, exp: String(START + 3600) },
      { ...good, exp: START + 0.5 },
      { ...good, exp: 1e15 },
      { ...good, exp: null },
      { ...good, idle: 'none' },
      { ...good, epoch: -1 },
      { ...good, auth: { amr: 'pwd', auth_time: START } },
      { ...good, auth: { amr: ['pwd'] } },
      { ...good, step: { amr: ['otp'], auth_time: START } },
      { ...good, step: { ...step, exp: undefined } },
      { ...good, admin: true },
      [good],
      null,
      'text',
      new Uint8Array(0),
      new TextEncoder().encode(JSON.stringify(good).slice(0, -1)),
      Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d),
      // Half a character within a text: replaced, it would be another subject.
      Buffer.from(JSON.stringify(good).replace('alice', 'al\u00ff'), 'latin1'),
      new TextEncoder().encode(JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999')),
    ]
    for (const [at, content] of bad.entries()) {
      expect(await opened(sealed, await forge(content)), String(at)).toBe('session/malformed')
    }
  })

  test('a nested token under the same key is no session', async () => {
    const { sealed } = createSealedWorld()
    const nested = await encryptNested('eyJhbGciOiJFUzI1NiJ9.e30.AAAA', { key, context: CONTEXT }, systemEntropy)
    expect(await opened(sealed, nested)).toBe('session/unknown')
  })
})
