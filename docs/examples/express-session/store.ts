// A store for express-session over any Tallystick storage: a destroyed session stays destroyed, and no change is lost.
import { type Clock, isTokenError, type NumericDate, plusSeconds, TokenError } from '@tallystick/core'
import { sha256Base64url } from '@tallystick/core/crypto'
import { systemClock } from '@tallystick/core/system'
import { ABSENT, type RecordStore, type StoredRecord } from '@tallystick/storage'
import type { Request } from 'express'
import session, { type SessionData } from 'express-session'
import {
  type CookieSettings,
  decodeSession,
  encodeSession,
  isSameCookie,
  isSameMembers,
  type LiveRecord,
  merge,
  mergeCookie,
  NOTHING,
  sessionDataOf,
  type Snapshot,
  snapshotOf,
  TOMBSTONE,
} from './session-record.ts'

export interface TallystickStoreOptions {
  /** After how long without use a session ends, whatever its cookie says; one with a shorter `maxAge` ends then. */
  readonly idleTimeoutSeconds: number
  /** How often use is written down at most: a session may end that much early. Default 60, or a tenth of its time. */
  readonly touchSeconds?: number | undefined
  /** What keys begin with, for several applications in one storage: `A-Za-z0-9._-`. Default `express-session`. */
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/**
 * Keeps the sessions of express-session, under hashes of their ids.
 *
 * A session that was destroyed or came to its end is not brought back by a request that finishes later: what that would
 * save is dropped. Of two requests at once both keep their changes; of one top-level member the last writer's counts.
 * A failure reaches express-session as an error, never as "no session".
 */
export class TallystickStore extends session.Store {
  readonly #records: RecordStore
  readonly #options: { readonly [Name in keyof TallystickStoreOptions]-?: NonNullable<TallystickStoreOptions[Name]> }
  /** What each session object began with: forgotten with its request. */
  readonly #origins = new WeakMap<object, Origin>()

  /** @throws TypeError or RangeError where an option is not allowed, or the store has no compare-and-set. */
  constructor(records: RecordStore, options: TallystickStoreOptions) {
    super()
    const { idleTimeoutSeconds, touchSeconds = 60, name = 'express-session', clock = systemClock } = options
    if (!records.capabilities.compareAndSet) throw new TypeError('TallystickStore: the store must have compare-and-set')
    if (!Number.isSafeInteger(idleTimeoutSeconds) || idleTimeoutSeconds < 1)
      throw new RangeError('TallystickStore: idleTimeoutSeconds must be whole seconds, at least 1')
    if (!Number.isSafeInteger(touchSeconds) || touchSeconds < 0)
      throw new RangeError('TallystickStore: touchSeconds must be whole seconds, at least 0')
    if (!/^[\w.-]{1,64}$/.test(name)) throw new TypeError('TallystickStore: name must be 1 to 64 of A-Za-z0-9._-')
    this.#records = records
    this.#options = { idleTimeoutSeconds, touchSeconds, name, clock }
  }

  override get(sid: string, callback: (error: unknown, data?: SessionData | null) => void): void {
    settle(this.#load(sid), callback)
  }

  override set(sid: string, data: SessionData, callback?: (error?: unknown) => void): void {
    settle(this.#save(sid, data), callback)
  }

  /** Counts as use: writes seldom, and never over what another request changed. */
  override touch(sid: string, data: SessionData, callback?: (error?: unknown) => void): void {
    settle(this.#use(sid, data), callback)
  }

  /** Ends a session for good. The callback says that it is stored: have the user wait for it. */
  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    settle(this.#end(this.#keyOf(sid)), callback)
  }

  /** Every living session, as a list: their ids are known to nobody but the browsers. Reads the whole store. */
  override all(callback: (error: unknown, sessions?: SessionData[] | null) => void): void {
    settle(
      this.#living().then((living) => living.map(({ live }) => sessionDataOf(live))),
      callback,
    )
  }

  /** How many sessions live. Reads the whole store. */
  override length(callback: (error: unknown, length?: number) => void): void {
    settle(
      this.#living().then(({ length }) => length),
      callback,
    )
  }

  /** Ends every session that stood there when it began. */
  override clear(callback?: (error?: unknown) => void): void {
    settle(this.#endAll(), callback)
  }

  /** express-session makes `req.session` of what `get` gave: what that was is remembered for `set` and `touch`. */
  override createSession(request: Request, data: SessionData): ReturnType<session.Store['createSession']> {
    const origin = this.#origins.get(data)
    const created = super.createSession(request, data)
    if (origin !== undefined) this.#origins.set(created, { ...origin, seen: snapshotOf(created) })
    return created
  }

  async #load(sid: string): Promise<SessionData | null> {
    const origin = await this.#read(sid)
    if (origin === undefined) return null
    const data = sessionDataOf(origin.stored)
    this.#origins.set(data, origin)
    return data
  }

  async #save(sid: string, data: SessionData): Promise<void> {
    const mine = snapshotOf(data)
    const origin = this.#origins.get(data)
    // Saved without a change (`resave`): nothing to write but that it was used.
    if (origin !== undefined && isSameMembers(origin.seen.members, mine.members)) return this.#use(sid, data)
    const seen = origin?.seen ?? NOTHING
    const written = await this.#write(sid, origin, (stored) => merge(seen, mine, stored))
    if (written !== undefined) this.#origins.set(data, { ...written, seen: mine })
  }

  async #use(sid: string, data: SessionData): Promise<void> {
    const mine = snapshotOf(data)
    const origin = this.#origins.get(data) ?? (await this.#read(sid))
    if (origin === undefined) return
    const { seen, stored } = origin
    const seconds = Math.min(this.#options.touchSeconds, this.#lifetimeSeconds(stored.cookie) / 10)
    const isDue = this.#now() - stored.usedAt >= seconds
    if (!isDue && isSameCookie(seen.cookie, mine.cookie)) return
    const written = await this.#write(sid, origin, (current) => mergeCookie(seen, mine, current))
    if (written !== undefined) this.#origins.set(data, { ...written, seen: { ...seen, cookie: mine.cookie } })
  }

  /** Writes a change, again on what another writer left where that was faster; `undefined`: the session is at its end. */
  async #write(
    sid: string,
    origin: Origin | undefined,
    change: (stored: Snapshot) => Snapshot,
  ): Promise<Omit<Origin, 'seen'> | undefined> {
    // Also where the storage would still know it.
    if (origin !== undefined && origin.expiresAt <= this.#now()) return undefined
    let expected = origin?.version ?? ABSENT
    let base: Snapshot = origin?.stored ?? NOTHING
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const usedAt = this.#now()
      const stored = { ...change(base), usedAt }
      const text = encodeSession(stored)
      const expiresAt = plusSeconds(usedAt, this.#lifetimeSeconds(stored.cookie))
      const record = { text, subject: this.#options.name }
      const answer = await this.#records.compareAndSet(this.#keyOf(sid), expected, record, expiresAt)
      if (answer.won) return { version: answer.version, expiresAt, stored }
      const { current } = answer
      // A driver that sends a write twice is told of its own record.
      if (current?.text === text) return { version: current.version, expiresAt, stored }
      const live = this.#liveOf(current)
      if (current === undefined || live === undefined) return undefined
      expected = current.version
      base = live
    }
    throw contended()
  }

  /**
   * Puts a tombstone in the place of a session, until it would have ended anyway; where nothing stands, one for as long as
   * a request may take, so that a first save which is under way comes too late.
   */
  async #end(key: string, known?: StoredRecord): Promise<void> {
    let record = known ?? (await this.#records.read(key))
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (record?.text === TOMBSTONE) return
      const soon = plusSeconds(this.#now(), REQUEST_SECONDS_MAX)
      const expiresAt = record !== undefined && record.expiresAt > soon ? record.expiresAt : soon
      const answer = await this.#records.compareAndSet(key, record?.version ?? ABSENT, { text: TOMBSTONE }, expiresAt)
      if (answer.won) return
      record = answer.current
    }
    throw contended()
  }

  async #endAll(): Promise<void> {
    for (const { record } of await this.#living()) await this.#end(record.key, record)
  }

  async #living(): Promise<ReadonlyArray<{ readonly record: StoredRecord; readonly live: LiveRecord }>> {
    const living = []
    let cursor: string | undefined
    do {
      const page = await this.#records.list({ subject: this.#options.name }, cursor)
      for (const record of page.records) {
        const live = this.#liveOf(record)
        if (live !== undefined) living.push({ record, live })
      }
      cursor = page.cursor
    } while (cursor !== undefined)
    return living
  }

  async #read(sid: string): Promise<Origin | undefined> {
    const record = await this.#records.read(this.#keyOf(sid))
    const live = this.#liveOf(record)
    if (record === undefined || live === undefined) return undefined
    return { version: record.version, expiresAt: record.expiresAt, seen: live, stored: live }
  }

  #liveOf(record: StoredRecord | undefined): LiveRecord | undefined {
    return record === undefined || record.expiresAt <= this.#now() ? undefined : decodeSession(record.text)
  }

  #lifetimeSeconds({ originalMaxAge }: CookieSettings): number {
    const { idleTimeoutSeconds } = this.#options
    if (typeof originalMaxAge !== 'number') return idleTimeoutSeconds
    return Math.max(0, Math.min(idleTimeoutSeconds, Math.ceil(originalMaxAge / 1000)))
  }

  #keyOf(sid: string): string {
    return `${this.#options.name}:${sha256Base64url(sid)}`
  }

  #now(): NumericDate {
    return this.#options.clock.now()
  }
}

/** What a session object began with, and what stood in the store then. */
interface Origin {
  readonly version: string
  readonly expiresAt: NumericDate
  readonly seen: Snapshot
  readonly stored: LiveRecord
}

/** Calls back outside of the promise, so that what a callback throws is its caller's. */
function settle<Value>(work: Promise<Value>, callback?: (error: unknown, value?: Value) => void): void {
  work.then(
    (value) => setImmediate(() => callback?.(null, value)),
    (error: unknown) => setImmediate(() => callback?.(failureOf(error))),
  )
}

/** A driver's own code must not reach express-session, which takes ENOENT for "no session". */
function failureOf(error: unknown): unknown {
  if (isTokenError(error) || error instanceof TypeError || error instanceof RangeError) return error
  return new TokenError('ERR_STORAGE_UNAVAILABLE', 'the store of sessions failed', { cause: error })
}

function contended(): TokenError {
  return new TokenError('ERR_STORAGE_CONTENDED', 'too many requests wrote to one session at once')
}

const ATTEMPTS_MAX = 32
const REQUEST_SECONDS_MAX = 300
