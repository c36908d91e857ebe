// The named development mode `http-localhost`: no Secure, no prefix, and this machine only.
import { prefixOf } from './grammar.ts'

/** The development mode: cookies without Secure and prefix, for http on this machine only. */
export type DevelopmentMode = 'http-localhost'

/**
 * Whether an origin is http on this machine: `http://localhost`, `http://127.0.0.1` or `http://[::1]`, with any port.
 *
 * Behind a proxy the origin of the request is the proxy's matter: hand in the one that the browser sees.
 */
export function isDevelopmentOrigin(origin: string | undefined): boolean {
  return typeof origin === 'string' && LOCAL.test(origin)
}

/** The name without its prefix, which browsers take only together with Secure. */
export function developmentName(name: string): string {
  const prefix = prefixOf(name)
  return prefix === undefined ? name : name.slice(prefix.length)
}

const LOCAL = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/
