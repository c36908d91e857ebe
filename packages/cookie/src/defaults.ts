// The defaults of every cookie: as closed as a browser allows (RFC 10017 §6.1.3.2).
import type { SameSite } from './cookie.ts'

/** The defaults of every cookie; it has neither domain nor age by itself. */
export const cookieDefaults: {
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: SameSite
  readonly partitioned: boolean
  readonly chunksMax: number
  readonly headerBytesMax: number
} = Object.freeze({
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'strict',
  partitioned: false,
  chunksMax: 1,
  headerBytesMax: 8190,
})
