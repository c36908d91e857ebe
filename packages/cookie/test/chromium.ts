// A real Chromium against a server on this machine that answers under several names, over https and http.
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { selfSigned } from './certificate.ts'

/** Where Chromium is: `CHROMIUM`, the usual place, or on the path. */
export const chromiumPath: string | undefined = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium')),
].find((path) => path !== undefined && path !== '' && existsSync(path))

/** Describes tests that need Chromium: skipped, by name, where it is absent; there it is a failure in CI. */
export function describeChromium(name: string, define: () => void): void {
  if (chromiumPath !== undefined) describe(name, define)
  else if (process.env['CI'] === undefined) {
    console.warn(`SKIPPED, no Chromium: ${name}. Set CHROMIUM to its path.`)
    describe.skip(`${name} (no Chromium: set CHROMIUM to its path)`, define)
  } else {
    test(`${name}: Chromium must be there in CI`, () => {
      expect(chromiumPath, 'set CHROMIUM to the path of Chromium').toBeDefined()
    })
  }
}

/** What the server answers a request: headers, and a page. */
export interface Answer {
  /** Each one Set-Cookie header, as it is. */
  readonly setCookies?: readonly string[] | undefined
  /** The page; empty by default. */
  readonly body?: string | undefined
  /** 200 by default. */
  readonly status?: number | undefined
  /** Any other headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A browser and a server that it reaches under every name of `.test`, and under `localhost`. */
export interface World {
  readonly browser: Browser
  /** The https origin of a host. */
  readonly secure: (host: string) => string
  /** The http origin of a host. */
  readonly plain: (host: string) => string
  /** Says what the server answers from now on. */
  readonly answer: (decide: (request: IncomingMessage) => Answer) => void
  readonly close: () => Promise<void>
}

/** Starts both. */
export async function startWorld(): Promise<World> {
  let decide: (request: IncomingMessage) => Answer = () => ({})
  const listener: RequestListener = (request, response) => {
    const { setCookies = [], body = '', headers = {}, status = 200 } = decide(request)
    response.writeHead(status, { 'content-type': 'text/html', ...headers, 'set-cookie': [...setCookies] })
    response.end(`<!doctype html><link rel="icon" href="data:,">${body}`)
  }
  const secure = await listen(createSecureServer(selfSigned('app.example.test'), listener))
  const plain = await listen(createServer({ maxHeaderSize: 65_536 }, listener))
  const browser = await chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: ['--no-sandbox', '--ignore-certificate-errors', '--host-resolver-rules=MAP *.test 127.0.0.1'],
  })
  return {
    browser,
    secure: (host) => `https://${host}:${secure.port}`,
    plain: (host) => `http://${host}:${plain.port}`,
    answer: (next) => {
      decide = next
    },
    close: async () => {
      await browser.close()
      await Promise.all([secure.close(), plain.close()])
    },
  }
}

async function listen(server: Server): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
