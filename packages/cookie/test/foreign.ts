// Foreign parsers of Set-Cookie, each telling what it read in the same words, so that they can be compared with what was meant.
import { parseSetCookie } from 'cookie'
import { Cookie as ToughCookie } from 'tough-cookie'
import { getSetCookies, Headers as UndiciHeaders } from 'undici'
import type { Cookie } from '../src/index.ts'

/** What was understood of one Set-Cookie header. */
export interface Understood {
  readonly name: string
  readonly value: string | undefined
  readonly path: string | undefined
  readonly domain: string | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: string | undefined
  readonly partitioned: boolean
  readonly maxAgeSeconds: number | undefined
  readonly expiresAt: number | undefined
}

/** What we mean by a cookie, in those words. */
export function meant({ name, value, attributes }: Cookie): Understood {
  const { path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds, expiresAt } = attributes
  return { name, value, path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds, expiresAt }
}

/** Each parser by its name; `undefined` where it refuses the header. */
export const foreignParsers: Readonly<Record<string, (text: string) => Understood | undefined>> = {
  'tough-cookie': (text) => {
    const read = ToughCookie.parse(text)
    if (read === undefined) return undefined
    // It has no Partitioned; what it does not know it keeps as it was written.
    const partitioned = read.extensions?.includes('Partitioned') ?? false
    return {
      name: read.key,
      value: read.value,
      path: read.path ?? undefined,
      domain: read.domain ?? undefined,
      secure: read.secure,
      httpOnly: read.httpOnly,
      sameSite: read.sameSite,
      partitioned,
      maxAgeSeconds: typeof read.maxAge === 'number' ? read.maxAge : undefined,
      expiresAt: secondsOf(read.expires instanceof Date ? read.expires : undefined),
    }
  },
  cookie: (text) => {
    const read = parseSetCookie(text, { decode: (value) => value })
    return {
      name: read.name,
      value: read.value,
      path: read.path,
      domain: read.domain,
      secure: read.secure ?? false,
      httpOnly: read.httpOnly ?? false,
      sameSite: read.sameSite === true ? 'strict' : read.sameSite?.toString(),
      partitioned: read.partitioned ?? false,
      maxAgeSeconds: read.maxAge,
      expiresAt: secondsOf(read.expires),
    }
  },
  undici: (text) => {
    const headers = new UndiciHeaders()
    headers.append('set-cookie', text)
    const [read] = getSetCookies(headers)
    if (read === undefined) return undefined
    return {
      name: read.name,
      value: read.value,
      path: read.path,
      domain: read.domain,
      secure: read.secure ?? false,
      httpOnly: read.httpOnly ?? false,
      sameSite: read.sameSite?.toLowerCase(),
      partitioned: (read.unparsed ?? []).some((attribute) => attribute.startsWith('Partitioned')),
      maxAgeSeconds: read.maxAge,
      expiresAt: secondsOf(typeof read.expires === 'number' ? new Date(read.expires) : read.expires),
    }
  },
}

function secondsOf(date: Date | undefined): number | undefined {
  return date === undefined ? undefined : date.getTime() / 1000
}
