// The Fastify example, over a real socket.
import { listening } from '../test/listening.ts'
import { testSessionApp } from '../test/session-app.ts'
import { createApp } from './server.ts'

testSessionApp({
  async start(options) {
    const app = createApp(options)
    await app.listen({ port: 0, host: 'localhost' })
    return { port: (await listening(app.server)).port, close: () => app.close() }
  },
  runStart: async () => (await import('./start.ts')).server,
})
