// Sealed sessions: a whole session in a cookie's value, opened under its name and key alone, ended by time or cut-off.
import { importSealingSecret, type DecryptionKey, type JweAlgorithm } from '@tallystick/jwt/jwe'
import { createSealedSessions, type SealedSessions, type SealedSessionsOptions } from '@tallystick/server/sealed'
import { holds, same, throws, type Register } from './checks.ts'
import { simulatedClock, START } from './world.ts'

/** Registers the checks of `@tallystick/server/sealed`. */
export function sealedChecks(check: Register): void {
  useChecks(check)
  changeChecks(check)
}

function useChecks(check: Register): void {
  for (const algorithm of ['dir', 'A256GCMKW'] as const) {
    check(`sealed ${algorithm}: a session is sealed, opens as it was, and fits into its cookie`, async () => {
      const { sealed } = await createSealed({ keys: [await sealingKey('1', 1, algorithm)] })
      const { credential, session } = await seal(sealed, { cart: ['łódź'] })
      holds(/^[A-Za-z0-9_.-]{200,1000}$/.test(credential), 'it may stand in a cookie')
      same([session.subject, session.establishedAt, session.expiresAt], ['alice', START, START + 3600])
      const opened = await sealed.open(credential)
      holds(opened.ok, opened.ok ? '' : opened.reason)
      same([opened.session, opened.data, opened.credential], [session, { cart: ['łódź'] }, undefined])
    })
  }
  check('sealed: under another name, another key or with another letter it does not open', async () => {
    const { sealed, another } = await createSealed()
    const { credential } = await seal(sealed)
    same(await openedAs(sealed, credential), 'ok')
    const edited = credential.slice(0, -2) + (credential.at(-2) === 'A' ? 'B' : 'A') + credential.slice(-1)
    for (const [sessions, value] of [
      [another({ cookieName: '__Host-Http-other' }), credential],
      [another({ keys: [await sealingKey('1', 2)] }), credential],
      [another({ keys: [await sealingKey('2', 1)] }), credential],
      [sealed, edited],
      [sealed, 'no token'],
    ] as const)
      holds(/^session\/(malformed|unknown|unknown_secret)$/.test(await openedAs(sessions, value)), 'it does not open')
  })
  check(
    'sealed: it ends when it rests too long and in the end, and a value is sealed anew while it is used',
    async () => {
      const { sealed, clock } = await createSealed()
      let { credential } = await seal(sealed)
      for (let at = 0; at < 6; at += 1) {
        await clock.advance(500)
        const opened = await sealed.open(credential)
        holds(opened.ok && opened.credential !== undefined, 'it is sealed anew')
        credential = opened.credential
      }
      await clock.advance(599)
      same(await openedAs(sealed, credential), 'ok')
      await clock.advance(1)
      same(await openedAs(sealed, credential), 'session/expired')
      const other = await seal(sealed)
      await clock.advance(600)
      same(await openedAs(sealed, other.credential), 'session/idle')
      same((await sealed.reauthenticate(other.credential, STRONGER)).ok, true)
    },
  )
}

function changeChecks(check: Register): void {
  check('sealed: data and step-up are in the next value, and a step-up counts for its time', async () => {
    const { sealed, clock } = await createSealed()
    const { credential } = await seal(sealed, { cart: 1 })
    const updated = await sealed.update(credential, () => ({ cart: 2 }))
    holds(updated.ok, 'it is sealed')
    const elevated = await sealed.elevate(updated.credential, STRONGER)
    holds(elevated.ok, 'it is sealed')
    const requirement = { acr: 'gold' }
    const open = async (value: string): Promise<unknown> => {
      const opened = await sealed.open(value, { requirement })
      return opened.ok ? opened.data : opened.reason
    }
    same([await open(elevated.credential), await open(updated.credential)], [{ cart: 2 }, 'session/step_up_required'])
    await clock.advance(120)
    same(await open(elevated.credential), 'session/step_up_required')
  })
  check('sealed: a cut-off ends it at once, and one that fails signs nobody in', async () => {
    const { sealed, another } = await createSealed()
    const { credential } = await seal(sealed)
    const cutOff = another({ isRevoked: async ({ subject, epoch }) => subject === 'alice' && epoch <= START })
    same(await openedAs(cutOff, credential), 'session/revoked')
    const failing = another({ isRevoked: () => Promise.reject(new Error('down')) })
    await throws(() => failing.open(credential), /^TokenError ERR_HOOK: /)
  })
  check('sealed: a new key seals, the old one opens still and its value is sealed anew', async () => {
    const { sealed, another } = await createSealed()
    const { credential } = await seal(sealed)
    const [next, old] = [await sealingKey('2', 2), await sealingKey('1', 1)]
    const moved = await another({ keys: [next, old] }).open(credential)
    holds(moved.ok && moved.credential !== undefined, 'it is sealed anew')
    same(await openedAs(another({ keys: [next] }), moved.credential), 'ok')
  })
}

interface SealedWorld {
  readonly sealed: SealedSessions
  readonly clock: ReturnType<typeof simulatedClock>
  /** Another process that has the same clock. */
  readonly another: (options: Partial<SealedSessionsOptions>) => SealedSessions
}

async function createSealed(given: Partial<SealedSessionsOptions> = {}): Promise<SealedWorld> {
  const clock = simulatedClock()
  const policy = { idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3600, touchSeconds: 30, elevationSeconds: 120 }
  const keys = given.keys ?? [await sealingKey('1', 1)]
  const options = { cookieName: '__Host-Http-session', policy, clock, ...given, keys }
  return {
    sealed: createSealedSessions(options),
    clock,
    another: (other) => createSealedSessions({ ...options, ...other }),
  }
}

function sealingKey(keyId: string, seed: number, algorithm: JweAlgorithm = 'dir'): Promise<DecryptionKey> {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => (at * 7 + seed * 31) & 0xff)
  return importSealingSecret(secret, { algorithm, encryption: 'A256GCM', keyId })
}

async function seal(
  sealed: SealedSessions,
  data?: unknown,
): Promise<Extract<Awaited<ReturnType<SealedSessions['seal']>>, { readonly ok: true }>> {
  const answer = await sealed.seal({ subject: 'alice', authentication: { methods: ['pwd'], acr: 'silver' }, data })
  holds(answer.ok, 'it is sealed')
  return answer
}

async function openedAs(sealed: SealedSessions, value: string): Promise<string> {
  const opened = await sealed.open(value)
  return opened.ok ? 'ok' : opened.reason
}

const STRONGER = { methods: ['pwd', 'otp'], acr: 'gold' }
