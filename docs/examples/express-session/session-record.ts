// What stands in the store for one session of express-session, and how two requests' changes of it come together.
import { type NumericDate, TokenError } from '@tallystick/core'
import type { SessionData } from 'express-session'

/** The cookie's settings, as express-session writes them as JSON. */
export type CookieSettings = Readonly<Record<string, unknown>>

/** What a session holds, apart from its cookie: each member as JSON text, so that equal means the same. */
export type Members = ReadonlyMap<string, string>

/** A session as text and as values. */
export interface Snapshot {
  readonly members: Members
  readonly cookie: CookieSettings
}

/** A session that is alive, with the time of its last use that was written down. */
export interface LiveRecord extends Snapshot {
  readonly usedAt: NumericDate
}

/** Takes what express-session hands over, at this moment: later changes of the object do not reach it. */
export function snapshotOf(session: SessionData): Snapshot {
  const { cookie, ...data } = JSON.parse(JSON.stringify(session)) as { readonly cookie: CookieSettings }
  return { members: membersOf(data), cookie }
}

/** The object that express-session makes its `req.session` of. */
export function sessionDataOf({ members, cookie }: Snapshot): SessionData {
  return { ...dataOf(members), cookie: { ...cookie } } as unknown as SessionData
}

/**
 * Brings a request's changes to what stands in the store meanwhile.
 *
 * A member that the request did not touch stays as it stands; one that it changed or removed is as the request has it,
 * also where another request changed the same one: the last writer of a member wins.
 *
 * @param seen - What the request began with.
 * @param mine - What it has now.
 * @param stored - What stands in the store.
 */
export function merge(seen: Snapshot, mine: Snapshot, stored: Snapshot): Snapshot {
  const members = new Map(stored.members)
  for (const name of new Set([...seen.members.keys(), ...mine.members.keys()])) {
    const value = mine.members.get(name)
    if (value === seen.members.get(name)) continue
    if (value === undefined) members.delete(name)
    else members.set(name, value)
  }
  const isCookieChanged = !isSameCookie(seen.cookie, mine.cookie)
  const { expires } = mine.cookie
  return { members, cookie: isCookieChanged ? mine.cookie : { ...stored.cookie, expires } }
}

/** A use of a session: of what the request has, the cookie alone counts. */
export function mergeCookie(seen: Snapshot, mine: Snapshot, stored: Snapshot): Snapshot {
  return merge({ ...seen, members: NONE }, { ...mine, members: NONE }, stored)
}

/** What a session that was never stored began with. */
export const NOTHING: Snapshot = { members: new Map(), cookie: {} }
const NONE = NOTHING.members

/** Whether a request changed nothing of the members. */
export function isSameMembers(left: Members, right: Members): boolean {
  return left.size === right.size && [...left].every(([name, value]) => right.get(name) === value)
}

/** Whether the settings of a cookie are the same: when it expires moves with each use, and is none of them. */
export function isSameCookie(left: CookieSettings, right: CookieSettings): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  names.delete('expires')
  return [...names].every((name) => JSON.stringify(left[name]) === JSON.stringify(right[name]))
}

/** The text of a living session. */
export function encodeSession({ members, cookie, usedAt }: LiveRecord): string {
  return JSON.stringify({ v: 1, usedAt, cookie, data: dataOf(members) })
}

/** The text of a session that was destroyed. */
export const TOMBSTONE: string = JSON.stringify({ v: 1, destroyed: true })

/**
 * Reads a stored text; `undefined` for a tombstone.
 *
 * @throws TokenError `ERR_STORAGE_CORRUPT` for everything else: what cannot be read is not taken for "no session".
 */
export function decodeSession(text: string): LiveRecord | undefined {
  const { v, destroyed, usedAt, cookie, data } = Object(parse(text)) as Readonly<Record<string, unknown>>
  if (v === 1 && destroyed === true) return undefined
  if (v !== 1 || !Number.isSafeInteger(usedAt) || !isObject(cookie) || !isObject(data))
    throw new TokenError('ERR_STORAGE_CORRUPT', 'a stored session cannot be read or has an unknown version')
  return { usedAt: usedAt as NumericDate, cookie, members: membersOf(data) }
}

function membersOf(data: object): Members {
  return new Map(Object.entries(data).map(([name, value]) => [name, JSON.stringify(value)]))
}

function dataOf(members: Members): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...members].map(([name, json]) => [name, JSON.parse(json) as unknown]))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
