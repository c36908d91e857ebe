// The floors of the house: which package may import which. No arrow goes up, and siblings do not know each other.

/** Where a package stands, and what it may import. */
export interface Place {
  readonly kind: 'ground' | 'pure' | 'shell' | 'adapter' | 'umbrella' | 'private'
  /** Our packages it may import: `name` (any entry), `name/entry` (that entry alone), `*` (any package). */
  readonly ours: readonly string[]
  /** Packages of others that its sources may import. */
  readonly others: readonly string[]
}

const pure = (...ours: string[]): Place => ({ kind: 'pure', ours, others: ['zod'] })
const shell = (...ours: string[]): Place => ({ kind: 'shell', ours, others: ['zod'] })
const internal: Place = { kind: 'private', ours: ['*'], others: ['*'] }

/** An adapter knows the ports and the vocabulary, never a driver: it takes the caller's client structurally. */
export const adapter: Place = { kind: 'adapter', ours: ['core', 'storage'], others: [] }

/** Every package by name, lowest floor first; a package that is missing here may not stand in the repository. */
export const places: Readonly<Record<string, Place>> = {
  core: { kind: 'ground', ours: [], others: ['@noble/hashes'] },
  storage: { kind: 'ground', ours: ['core'], others: ['zod'] },
  jwt: { kind: 'pure', ours: ['core'], others: ['jose', 'zod'] },
  'refresh-token': pure('core'),
  session: pure('core'),
  revocation: pure('core', 'storage'),
  cookie: pure('core'),
  events: pure('core'),
  dpop: pure('core', 'jwt'),
  server: shell('core', 'storage', 'jwt', 'refresh-token', 'session', 'revocation', 'cookie', 'events', 'dpop'),
  'resource-server': shell('core', 'jwt', 'dpop', 'revocation', 'events', 'storage'),
  http: shell('core', 'server', 'resource-server', 'cookie', 'session', 'events'),
  client: { kind: 'shell', ours: ['core', 'events', 'dpop/prove'], others: [] },
  signals: shell('core', 'jwt', 'events'),
  telemetry: { kind: 'shell', ours: ['core', 'events'], others: ['@opentelemetry/api'] },
  tallystick: { kind: 'umbrella', ours: ['*'], others: ['zod'] },
  simulator: internal,
  'runtime-tests': internal,
  'repo-checks': internal,
  playground: internal,
}

/** The place of a package, or `undefined` where the table has none. */
export function placeOf(name: string): Place | undefined {
  return name.startsWith('storage-') ? adapter : Object.hasOwn(places, name) ? places[name] : undefined
}

/** The package that a path belongs to, or `undefined` outside `packages/`. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1]
}

/** Splits one of our specifiers into package and entry, or gives `undefined` for everybody else's. */
export function ourModule(specifier: string): { readonly name: string; readonly entry: string } | undefined {
  const match = /^(?:@tallystick\/([^/]+)|(tallystick))(?:\/(.+))?$/.exec(specifier)
  return match === null ? undefined : { name: match[1] ?? match[2] ?? '', entry: match[3] ?? '.' }
}

/** The package that a specifier of others names: `@scope/name` or `name`, without the path inside. */
export function otherPackage(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}
