// One-time codes (RFC 6238): each is taken once, whoever sends it first, and guessing stops after a few.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import { ABSENT, type Storage } from '@tallystick/storage'
import { Secret, TOTP } from 'otpauth'

/** Whose code it is; the secret is in base32, as the app on the phone got it. */
export interface GivenCode {
  readonly subject: string
  readonly secret: string
  readonly code: string
}

/**
 * Uses up a code of a user: of any number of requests that send it, in whichever session, one is told `true`.
 *
 * What was used stands in a record of the user's own, not in a session's data: a code that was overseen works in no
 * session of somebody else either.
 */
export async function useCode({ records }: Storage, given: GivenCode, now: NumericDate): Promise<boolean> {
  const step = stepOf(given, now)
  const key = `totp:${given.subject}`
  for (;;) {
    const found = await records.read(key)
    const state = found === undefined ? NEVER : (JSON.parse(found.text) as CodeState)
    if (state.wrong >= WRONG_MAX && now < state.lockedUntil) return false
    // RFC 6238 §5.2: "The verifier MUST NOT accept the second attempt of the OTP after the successful validation has
    // been issued for the first OTP"
    const isRight = step !== undefined && step > state.step
    const wrong = (state.wrong >= WRONG_MAX ? 0 : state.wrong) + 1
    const next: CodeState = isRight
      ? { step, wrong: 0, lockedUntil: 0 }
      : { step: state.step, wrong, lockedUntil: now + LOCKED_SECONDS }
    // Stored before anybody is answered; who loses the race reads what the winner wrote.
    const text = JSON.stringify(next)
    const { won } = await records.compareAndSet(key, found?.version ?? ABSENT, { text }, plusSeconds(now, KEPT_SECONDS))
    if (won) return isRight
  }
}

/** The time step that a code is of: the current one, or a neighbour for clocks and slow fingers. */
function stepOf({ secret, code }: GivenCode, now: NumericDate): number | undefined {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const timestamp = now * 1000
  const delta = totp.validate({ token: code, timestamp, window: 1 })
  return delta === null ? undefined : totp.counter({ timestamp }) + delta
}

interface CodeState {
  /** The last step of which a code was taken. */
  readonly step: number
  /** How many wrong ones came in a row. */
  readonly wrong: number
  readonly lockedUntil: number
}

const NEVER: CodeState = { step: -1, wrong: 0, lockedUntil: 0 }
/** RFC 4226 §7.3: guessing is throttled; at 5 in a quarter of an hour it takes about two years. */
const WRONG_MAX = 5
const LOCKED_SECONDS = 900
/** Longer than any code of the past could still be taken. */
const KEPT_SECONDS = 86_400
