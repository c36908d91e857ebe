// Honest clients: they read the jar right before each attempt, store what they get, and read again when superseded.
import type { RefreshResult } from '@tallystick/server'
import { createJar, type Jar, type Kept } from './jar.ts'
import type { World } from './world.ts'

/** One request on its way: it arrives, is answered, and the answer arrives or is lost. */
export interface Flight {
  /** What was in the jar when the request was sent. */
  readonly presented: Kept
  /** The request reaches the server; it is answered whether or not the answer gets through. */
  arrive(): Promise<RefreshResult>
  /** The answer reaches the client, which stores it. The request arrives first, if it has not. */
  deliver(): Promise<RefreshResult>
}

/** A tab, an app or a worker. */
export interface Client {
  readonly jar: Jar
  /** Reads the jar and sends a request. */
  send(): Flight
  /**
   * A whole refresh: while superseded, the jar is read again, as long as it holds something new.
   *
   * @param hear - Hears every answer on the way, with what was presented for it.
   */
  refresh(hear?: (presented: Kept, answer: RefreshResult) => void): Promise<RefreshResult>
}

/** Signs a user in. @returns The jar with the tokens. */
export async function signIn(
  { server, chance }: World,
  { keyed, subject = 'user_42' }: { readonly keyed: boolean; readonly subject?: string | undefined },
): Promise<Jar> {
  const tokens = await server.issue({ subject, scope: 'orders:read orders:write' })
  return createJar(chance, { subject, keyed }, tokens)
}

/** Opens a client on a jar: a mobile app with a jar of its own, or one of many on a jar that is common to them. */
export function openClient(world: World, jar: Jar): Client {
  const send = (): Flight => takeOff(world, jar)
  return {
    jar,
    send,
    async refresh(hear) {
      for (;;) {
        const flight = send()
        const answer = await flight.deliver()
        hear?.(flight.presented, answer)
        if (answer.ok || answer.reason !== 'refresh_token/superseded') return answer
        if (jar.read().refreshToken === flight.presented.refreshToken) return answer
      }
    },
  }
}

/** Opens several clients on one jar: the tabs of a browser, or the workers of a server-side fan-out. */
export function openClients(world: World, jar: Jar, count: number): readonly Client[] {
  return Array.from({ length: count }, () => openClient(world, jar))
}

function takeOff(world: World, jar: Jar): Flight {
  const presented = jar.read()
  const { refreshToken, attemptKey } = presented
  let answer: Promise<RefreshResult> | undefined
  const arrive = (): Promise<RefreshResult> => (answer ??= world.server.refresh({ refreshToken, attemptKey }))
  return {
    presented,
    arrive,
    async deliver() {
      const answered = await arrive()
      if (answered.ok) jar.store(presented, answered)
      return answered
    },
  }
}
