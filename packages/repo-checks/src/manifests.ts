// Checks every package.json: exports against files, what is published against exports, dependencies against floors.
import type { Place } from './floors.ts'
import { ourModule, placeOf } from './floors.ts'
import { mentionsOf } from './modules.ts'
import type { SourceFile, Violation } from './violation.ts'

/** The parts of a package.json that the checks read. */
export interface Manifest {
  readonly path: string
  /** The folder under `packages/`. */
  readonly folder: string
  readonly name: string
  readonly private?: boolean | undefined
  readonly description?: string | undefined
  readonly license?: string | undefined
  readonly type?: string | undefined
  readonly sideEffects?: boolean | undefined
  readonly files?: readonly string[] | undefined
  readonly engines?: { readonly node?: string | undefined } | undefined
  readonly exports?: Exports | undefined
  readonly publishConfig?: { readonly access?: string | undefined; readonly exports?: Exports | undefined } | undefined
  readonly dependencies?: Readonly<Record<string, string>> | undefined
  readonly devDependencies?: Readonly<Record<string, string>> | undefined
  readonly peerDependencies?: Readonly<Record<string, string>> | undefined
}

type Exports = Readonly<Record<string, string | Readonly<Record<string, string>>>>

/** The manifests of `packages/`, in the order of their folders. */
export function manifestsOf(files: readonly SourceFile[]): readonly Manifest[] {
  return files.flatMap(({ path, text }) => {
    const folder = /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1]
    return folder === undefined ? [] : [{ ...(JSON.parse(text) as Manifest), path, folder }]
  })
}

/** Entries of `exports` that are not one file directly under `src`, and published entries that differ from them. */
export function checkEntries(files: readonly SourceFile[]): readonly Violation[] {
  const present = new Set(files.map(({ path }) => path))
  return manifestsOf(files).flatMap((manifest) => {
    const { path, folder } = manifest
    const wrong = Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
      const wanted = wantedTarget(entry)
      if (JSON.stringify(target) !== JSON.stringify(wanted))
        return [`exports["${entry}"] must be ${JSON.stringify(wanted)}`]
      const file = `packages/${folder}/src/${fileOf(entry)}.ts`
      return entry === './package.json' || present.has(file) ? [] : [`exports["${entry}"] has no file ${file}`]
    })
    const published = manifest.private === true ? undefined : withoutSource(manifest.exports ?? {})
    if (JSON.stringify(manifest.publishConfig?.exports) !== JSON.stringify(published))
      wrong.push(
        published === undefined
          ? 'publishConfig.exports stands in a private package'
          : 'publishConfig.exports must be exports without @tallystick/source',
      )
    return wrong.map((message) => ({ path, message }))
  })
}

/** Fields that a package must have to be published, or to be kept private. */
export function checkFields(files: readonly SourceFile[]): readonly Violation[] {
  return manifestsOf(files).flatMap((manifest) => {
    const wrong: string[] = []
    const { folder, name } = manifest
    const wantedName = folder === 'tallystick' ? 'tallystick' : `@tallystick/${folder}`
    if (name !== wantedName) wrong.push(`name must be ${wantedName}: one word in every place`)
    if (!/^[A-Z].+\.$/.test(manifest.description ?? '')) wrong.push('description must be one sentence')
    if (manifest.license !== 'MIT') wrong.push('license must be MIT')
    if (manifest.type !== 'module') wrong.push('type must be module')
    if (manifest.sideEffects !== false) wrong.push('sideEffects must be false')
    if (manifest.engines?.node !== '>=20.19.0') wrong.push('engines.node must be >=20.19.0')
    const isPrivate = placeOf(folder)?.kind === 'private'
    if (isPrivate !== (manifest.private === true))
      wrong.push('private must be true on the private floor, and only there')
    if (!isPrivate && manifest.publishConfig?.access !== 'public') wrong.push('publishConfig.access must be public')
    if (!isPrivate && JSON.stringify(manifest.files) !== JSON.stringify(PUBLISHED_FILES))
      wrong.push(`files must be ${JSON.stringify(PUBLISHED_FILES)}`)
    return wrong.map((message) => ({ path: manifest.path, message }))
  })
}

/** Dependencies that the floors do not allow; `jose` anywhere but in `jwt`; imports that no manifest declares. */
export function checkDependencies(files: readonly SourceFile[]): readonly Violation[] {
  return manifestsOf(files).flatMap((manifest) => {
    const place = placeOf(manifest.folder)
    if (place === undefined) return [{ path: manifest.path, message: 'has no place in the table of floors' }]
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
    const wrong = Object.entries(declared).flatMap(([name, range]) => refusalOf(name, range, manifest, place))
    const undeclared = files
      .filter(({ path }) => path.startsWith(`packages/${manifest.folder}/src/`) && path.endsWith('.ts'))
      .flatMap((file) => undeclaredIn(file, manifest, declared))
    return [...wrong.map((message) => ({ path: manifest.path, message })), ...undeclared]
  })
}

function refusalOf(name: string, range: string, manifest: Manifest, place: Place): readonly string[] {
  const ours = ourModule(name)
  const wrong: string[] = []
  if (name === 'jose' && manifest.folder !== 'jwt') wrong.push('depends on jose, which stands in jwt alone')
  if (ours === undefined) {
    if (!place.others.includes('*') && !place.others.includes(name))
      wrong.push(`depends on ${name}, not allowed on its floor`)
    return wrong
  }
  if (range !== 'workspace:^') wrong.push(`depends on ${name} as ${range}; say workspace:^`)
  const allowed = place.ours.some((entry) => entry === '*' || entry.split('/')[0] === ours.name)
  return allowed ? wrong : [...wrong, `depends on ${name}, not allowed on its floor`]
}

function undeclaredIn(
  file: SourceFile,
  manifest: Manifest,
  declared: Readonly<Record<string, string>>,
): readonly Violation[] {
  return mentionsOf(file).flatMap(({ specifier, line }) => {
    if (/^(\.|node:)/.test(specifier)) return []
    const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
    if (name === undefined || name === manifest.name || Object.hasOwn(declared, name)) return []
    return [{ path: file.path, line, message: `imports ${specifier}, which ${manifest.path} does not declare` }]
  })
}

function wantedTarget(entry: string): string | Readonly<Record<string, string>> {
  if (entry === './package.json') return './package.json'
  const file = fileOf(entry)
  return { '@tallystick/source': `./src/${file}.ts`, types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }
}

function fileOf(entry: string): string {
  return entry === '.' ? 'index' : entry.slice(2)
}

function withoutSource(exports: Exports): Exports {
  return Object.fromEntries(
    Object.entries(exports).map(([entry, target]) => [
      entry,
      typeof target === 'string'
        ? target
        : Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== '@tallystick/source')),
    ]),
  )
}

const PUBLISHED_FILES = ['dist', 'src', '!dist/build.tsbuildinfo']
