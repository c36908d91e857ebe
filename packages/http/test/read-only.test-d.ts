// What must not compile: setting a cookie where nothing can be set, naming the session that a sign-in replaces.
import type { Answer, SessionHandlers } from '../src/index.ts'

declare const sessions: SessionHandlers
declare const request: Request

const reading = await sessions.readOnly.authenticate(request)
if (reading.ok) {
  const subject: string = reading.session.subject
  const credential: string = reading.credential
  console.log(subject, credential)
}
// @ts-expect-error a reading has no cookies
console.log(reading.cookies)
// @ts-expect-error a reading has no headers to set
console.log(reading.headers)
// @ts-expect-error a reading cannot be sent
console.log(reading.toResponse)
// @ts-expect-error a reading goes onto no response
console.log(reading.applyTo)
// @ts-expect-error a reading is no answer
export const answer: Answer = reading
// @ts-expect-error who reads cannot refresh
console.log(sessions.readOnly.refresh)
// @ts-expect-error who reads cannot sign out
console.log(sessions.readOnly.signOut)

const user: Answer = await sessions.authenticate(request)
console.log(user.cookies)
// @ts-expect-error the session that is replaced is the browser's own
await sessions.signIn(request, { subject: 'alice', replaces: 'tsn_' })
// @ts-expect-error a state of the application's own is verified or not named
await sessions.signIn(request, { subject: 'alice' }, { stateVerified: false })
// @ts-expect-error signing out knows no log-in state: it is POST alone
await sessions.signOut(request, { stateVerified: true })
