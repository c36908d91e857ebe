// A node:http server on a free port, and how to end it.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What of a server a test needs. */
export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** Waits until a server listens. */
export async function listening(server: Server): Promise<Listening> {
  if (!server.listening) await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
