// A key schedule: keys are replaced on time and published before they sign; a key that leaked is refused at once.
import { plusSeconds, type NumericDate } from '@tallystick/core'
import { systemEntropy } from '@tallystick/core/system'
import { createIssuer, createVerifier, decode, toJwks } from '@tallystick/jwt'
import { generateKey } from '@tallystick/jwt/keys'
import { createKeySchedule, decodeKeyPlan, encodeKeyPlan } from '@tallystick/jwt/schedule'
import { same, type Register } from './checks.ts'
import { API, ISSUER, START } from './world.ts'

/** Registers the checks of `@tallystick/jwt/schedule`. */
export function scheduleChecks(check: Register): void {
  check(
    'schedule: a successor signs when all have seen it, both are accepted, and a stored plan says the same',
    async () => {
      const { keys, schedule, issueAt, verifyAt, kidsAt } = await createReplaced()
      const last = await issueAt(90)
      const first = await issueAt(91)
      const kids = [last, first].map((token) => {
        const decoded = decode(token)
        return decoded.ok && decoded.header['kid']
      })
      same(kids, [keys[0].keyId, keys[1].keyId])
      same([await verifyAt(last, 100), await verifyAt(first, 100)], ['ok', 'ok'])
      same([kidsAt(10), kidsAt(91), kidsAt(405)], [kids, kids.toReversed(), kids.slice(1)])
      const plan = decodeKeyPlan(encodeKeyPlan(schedule.plan))
      const again = createKeySchedule({ ...WINDOWS, keys, plan, now: at(100) })
      same(toJwks(again, at(100)), toJwks(schedule, at(100)))
    },
  )
  check('schedule: a compromised key is refused at once, and its successor signs', async () => {
    const { keys, schedule, issueAt, verifyAt } = await createReplaced()
    const token = await issueAt(20)
    same(await verifyAt(token, 20), 'ok')
    schedule.adopt(schedule.decide({ type: 'compromised', keyId: keys[0].keyId }, at(20)).state)
    same([await verifyAt(token, 20), await verifyAt(await issueAt(20), 20)], ['jwt/unknown_key', 'ok'])
  })
}

/** The first key signs until 91, then the second: settle 21, lead 81, retention 315. */
async function createReplaced() {
  const keys = [await generateKey('ES256'), await generateKey('Ed25519')] as const
  const schedule = createKeySchedule({ ...WINDOWS, keys: [keys[0]], now: START })
  schedule.adopt(schedule.decide({ type: 'replace', key: keys[1] }, at(10)).state, [keys[1]])
  const issuer = createIssuer({ ...PARTIES, lifetimeSeconds: 300, keys: schedule })
  const verifier = createVerifier({ ...PARTIES, algorithms: ['ES256', 'Ed25519'], keys: schedule })
  return {
    keys,
    schedule,
    issueAt: (seconds: number) => issuer.issue({ sub: 'alice', client_id: 'web' }, at(seconds), systemEntropy),
    verifyAt: async (token: string, seconds: number) => {
      const result = await verifier.verify(token, at(seconds))
      return result.ok ? 'ok' : result.reason
    },
    kidsAt: (seconds: number) => toJwks(schedule, at(seconds)).keys.map(({ kid }) => kid),
  }
}

function at(seconds: number): NumericDate {
  return plusSeconds(START, seconds)
}

const PARTIES = { issuer: ISSUER, audience: API, type: 'at+jwt' } as const
const WINDOWS = {
  tokenLifetimeSecondsMax: 300,
  jwksCacheSecondsMax: 60,
  clockToleranceSeconds: 5,
  planCacheSecondsMax: 10,
  signingPeriodSeconds: 1000,
}
