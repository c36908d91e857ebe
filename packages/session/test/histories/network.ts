// A browser with many tabs and one cookie jar, behind a network that delays, reorders, loses and doubles.
import { numericDate } from '@tallystick/core'
import * as fc from 'fast-check'
import { type Answer, type Asked, drive, type Driver, START } from '../driver.ts'
import type { SessionPolicy } from '../../src/policy.ts'

/** One request of a tab and what the network does to it. */
export interface Request {
  readonly asked: Asked
  /** Seconds after the request before. */
  readonly pause: number
  readonly thereSeconds: number
  readonly backSeconds: number
  readonly fate: 'delivered' | 'request lost' | 'answer lost' | 'doubled'
  readonly isResent: boolean
}

/** A delay there and back together is less than the overlap. */
export const DELAY_SECONDS_MAX = 29
export const OVERLAP_SECONDS = 60

/** Requests in bursts and with long pauses; `asked` says what for. */
export function requests(...asked: readonly Asked[]): fc.Arbitrary<readonly Request[]> {
  const delay = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: DELAY_SECONDS_MAX }))
  return fc.array(
    fc.record({
      asked: fc.constantFrom(...asked),
      pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 200 })),
      thereSeconds: delay,
      backSeconds: delay,
      fate: fc.oneof(
        { weight: 5, arbitrary: fc.constant('delivered' as const) },
        { weight: 3, arbitrary: fc.constantFrom('answer lost' as const, 'request lost' as const, 'doubled' as const) },
      ),
      isResent: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
}

interface Happening {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * Plays the requests of one browser: the cookie is read when a request leaves and written when its answer arrives.
 *
 * @param watch - Sees every answer with the credential that was presented.
 */
export function play(
  policy: SessionPolicy,
  sent: readonly Request[],
  watch: (presented: string, answer: Answer, driver: Driver) => void,
): { readonly driver: Driver; readonly jar: string } {
  const driver = drive({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 86_400, ...policy })
  let jar = driver.first
  let happenings: Happening[] = []
  let order = 0
  const later = (at: number, run: () => void): void => {
    order += 1
    happenings.push({ at, order, run })
  }
  const arrive = (request: Request, presented: string, at: number): void => {
    const answer = driver.ask(request.asked, presented, { isResent: request.isResent })
    watch(presented, answer, driver)
    const { credential } = answer
    if (credential === undefined || credential === presented || request.fate === 'answer lost') return
    later(at + request.backSeconds, () => {
      jar = credential
    })
  }
  let leavesAt: number = START
  for (const request of sent) {
    leavesAt += request.pause
    later(leavesAt, () => {
      const at = driver.now
      const presented = jar
      if (request.fate === 'request lost') return
      later(at + request.thereSeconds, () => arrive(request, presented, driver.now))
      if (request.fate === 'doubled') later(at + request.backSeconds, () => arrive(request, presented, driver.now))
    })
  }
  while (happenings.length > 0) {
    const first = happenings.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a))
    happenings = happenings.filter((happening) => happening !== first)
    driver.now = numericDate(first.at)
    first.run()
  }
  return { driver, jar }
}
