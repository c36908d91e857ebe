// A real Chromium with a virtual authenticator, on servers of this machine.
import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { delimiter, join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Listening, listening } from '../test/listening.ts'

/** Where Chromium is: `CHROMIUM`, the usual place, or on the path. */
export const chromiumPath: string | undefined = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium')),
].find((path) => path !== undefined && path !== '' && existsSync(path))

export async function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] })
}

/** Listens on a free port: the page and its script on GET, and on POST what the port's origin is given to. */
export async function startSite(listenerFor: (origin: string) => RequestListener): Promise<Listening> {
  const script = await bundlePage()
  const server = createServer((request, response) => {
    if (request.method === 'POST') return post(request, response)
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? script : '<!doctype html><link rel="icon" href="data:,"><script src="/page.js"></script>')
  }).listen(0, 'localhost')
  const site = await listening(server)
  const post = listenerFor(`http://localhost:${site.port}`)
  return site
}

/** `page.ts` as a script that puts its functions into `window.page`. */
async function bundlePage(): Promise<string> {
  const entryPoints = [join(import.meta.dirname, 'page.ts')]
  const options = { bundle: true, format: 'iife', globalName: 'page', target: 'es2022', write: false } as const
  const { outputFiles } = await build({ entryPoints, ...options })
  return outputFiles[0]?.text ?? ''
}

/** What a virtual authenticator can be told. */
export interface Authenticator {
  /** Whether the user gives finger or PIN when asked. */
  setVerified(isUserVerified: boolean): Promise<void>
}

/** Plugs an authenticator into a page. `isSynchronized`: its passkeys may leave it. */
export async function plugIn(page: Page, { isSynchronized = false } = {}): Promise<Authenticator> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: isSynchronized,
      defaultBackupState: isSynchronized,
    },
  })
  return {
    async setVerified(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
  }
}
