// Sessions in a world that a test owns: everything that stands in its store can be looked at.
import type { Refusal } from '@tallystick/core'
import type { RefreshTokenFamily } from '@tallystick/refresh-token'
import type { Session } from '@tallystick/session'
import type { Storage } from '@tallystick/storage'
import { interceptStorage } from '@tallystick/storage/faults'
import { expect } from 'vitest'
import type { EstablishRequest, EstablishResult } from '../src/index.ts'
import { decodeSignIn } from '../src/sign-in-cell.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

export const authentication = { methods: ['pwd'], acr: 'silver' }
export const stronger = { methods: ['pwd', 'otp'], acr: 'gold' }
/** Fast enough to be reached by a test: idle after an hour, at an end after a day, renewed after ten minutes. */
export const renewing = { renewal: { afterSeconds: 600 } }

export interface SessionWorld extends World {
  /** Every record that stands in the store now, and every entry of the log. */
  dump(): Promise<ReadonlyMap<string, string>>
  /** The keys of the records that stand in the store now. */
  keys(): Promise<readonly string[]>
  session(sessionId: string): Promise<Session>
  /** The family that stands in the record of a session. */
  familyOf(sessionId: string): Promise<RefreshTokenFamily>
}

export function createSessionWorld(options: WorldOptions = {}): SessionWorld {
  const seen = new Set<string>()
  const watch = (storage: Storage): Storage =>
    interceptStorage(storage, {
      before: ({ key }) => {
        if (key !== undefined) seen.add(key)
      },
    })
  const world = createWorld({ ...options, around: (storage) => watch(options.around?.(storage) ?? storage) })
  const watched: World = {
    ...world,
    anotherServer: (other) =>
      world.anotherServer({ ...other, storage: watch((other?.storage as Storage | undefined) ?? world.storage) }),
  }
  const dump = async (): Promise<ReadonlyMap<string, string>> => {
    const texts = new Map<string, string>()
    for (const key of seen) {
      const found = await world.storage.records.read(key)
      if (found !== undefined) texts.set(key, `${found.text} ${found.subject ?? ''}`)
    }
    const page = await world.storage.revocations?.since()
    texts.set('log', JSON.stringify(page?.entries ?? []))
    return texts
  }
  const signInOf = async (id: string) => {
    const record = await world.storage.records.read(`sign-in:${id}`)
    return record === undefined ? {} : decodeSignIn(record.text)
  }
  return {
    ...watched,
    dump,
    keys: async () => [...(await dump()).keys()].filter((key) => key !== 'log'),
    async session(sessionId) {
      const { session } = await signInOf(sessionId)
      if (session === undefined) throw new Error('there is no record of this session')
      return session
    },
    async familyOf(sessionId) {
      const { family } = await signInOf(sessionId)
      if (family === undefined) throw new Error('there is no family beside this session')
      return family
    },
  }
}

/** What a call that must have been served answers. */
export function ok<Value extends { readonly ok: boolean }>(result: Value): Extract<Value, { readonly ok: true }> {
  expect(result).toMatchObject({ ok: true })
  return result as Extract<Value, { readonly ok: true }>
}

export type Established = Extract<EstablishResult, { readonly ok: true }>

export async function signIn(
  { server }: Pick<World, 'server'>,
  request: Partial<EstablishRequest> = {},
): Promise<Established> {
  return ok(await server.sessions.establish({ subject: 'alice', authentication, ...request }))
}

/** Why something was refused. */
export function reasonOf(result: { readonly ok: boolean } | Refusal<string>): string {
  return 'reason' in result ? result.reason : 'ok'
}

/** What presenting a credential answers, in a word. */
export async function presented({ server }: Pick<World, 'server'>, credential: string): Promise<string> {
  return reasonOf(await server.sessions.present(credential))
}

/** A storage behind which another one can be put while a server works over it. */
export function switchable(first: Storage): { readonly storage: Storage; put(next: Storage): void } {
  let current = first
  const { records, revocations } = first
  return {
    put: (next) => void (current = next),
    storage: {
      records: {
        capabilities: records.capabilities,
        read: (key) => current.records.read(key),
        compareAndSet: (...call) => current.records.compareAndSet(...call),
        delete: (...call) => current.records.delete(...call),
        list: (...call) => current.records.list(...call),
      },
      revocations: revocations && {
        append: (entry) => current.revocations!.append(entry),
        since: (cursor) => current.revocations!.since(cursor),
      },
    },
  }
}
