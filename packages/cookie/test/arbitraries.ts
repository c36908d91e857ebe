// Random cookies as applications may define them: names, values, paths, domains, all attributes, no contradictions.
import * as fc from 'fast-check'
import type { CookieOptions } from '../src/index.ts'

const NAME_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const VISIBLE = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).join('')

const textOf = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength })

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)

/** Cookie names without a prefix. */
export const plainNames: fc.Arbitrary<string> = textOf(NAME_CHARACTERS, 1, 20).filter(
  (name) => !/^__(secure|host|http)-/i.test(name),
)

/** Cookie values, every character of the grammar among them. */
export const values: fc.Arbitrary<string> = textOf(VISIBLE.replace(/[",;\\]/g, ''), 0, 60)

/** Paths as applications have them. */
export const paths: fc.Arbitrary<string> = textOf(VISIBLE.replace(/[;,]/g, ''), 0, 20).map((rest) => `/${rest}`)

/** Domains of at least two labels, the last one no number. */
export const domains: fc.Arbitrary<string> = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.stringMatching(/^[a-z]{2,6}$/))
  .map(([labels, last]) => [...labels, last].join('.'))

/** Options of cookies that keep what their prefixes promise. */
export const cookieOptions: fc.Arbitrary<CookieOptions> = fc
  .record({
    prefix: fc.constantFrom('', '', '__Secure-', '__Http-', '__Host-', '__Host-Http-'),
    name: plainNames,
    path: fc.option(paths, { nil: undefined }),
    domain: fc.option(domains, { nil: undefined }),
    secure: fc.boolean(),
    httpOnly: fc.boolean(),
    sameSite: fc.constantFrom('strict', 'lax', 'none'),
    partitioned: fc.boolean(),
    maxAgeSeconds: fc.option(fc.integer({ min: 1, max: 34_560_000 }), { nil: undefined }),
  })
  .map(({ prefix, name, path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds }) => {
    const isHost = prefix.startsWith('__Host-')
    return {
      name: prefix + name,
      path: isHost ? undefined : path,
      domain: isHost ? undefined : domain,
      secure: secure || prefix !== '' || sameSite === 'none' || partitioned,
      httpOnly: httpOnly || prefix.endsWith('Http-'),
      sameSite: sameSite as 'strict' | 'lax' | 'none',
      partitioned,
      maxAgeSeconds,
    }
  })
