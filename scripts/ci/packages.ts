// The package steps of CI: each public package is packed, and the tarball is looked at as the registry would get it.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { command, commandIn, root, type Step } from './steps.ts'

/** A package that is published. */
export interface PublicPackage {
  readonly name: string
  readonly folder: string
  /** Where it is packed to; the step `pack …` writes it. */
  readonly tarball: string
}

/** Every public package, in the order of folders. */
export const publicPackages: readonly PublicPackage[] = readdirSync(join(root, 'packages')).flatMap((folder) => {
  const text = readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')
  const manifest = JSON.parse(text) as { readonly name: string; readonly private?: boolean }
  if (manifest.private === true) return []
  return [{ name: manifest.name, folder, tarball: join(root, 'reports/packed', `${folder}.tgz`) }]
})

/** Pack, then publint and attw on the tarball, for each package. */
export function packageSteps(): readonly Step[] {
  rmSync(join(root, 'reports/packed'), { recursive: true, force: true })
  mkdirSync(join(root, 'reports/packed'), { recursive: true })
  return publicPackages.flatMap(({ name, folder, tarball }) => [
    {
      name: `pack ${name}`,
      run: () => commandIn(join(root, 'packages', folder), ['pnpm', 'pack', '--silent', '--out', tarball]),
    },
    { name: `publint ${name}`, run: () => command('pnpm', 'exec', 'publint', 'run', '--strict', tarball) },
    {
      name: `types of ${name} as an ESM consumer resolves them`,
      run: () => command('pnpm', 'exec', 'attw', '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', tarball),
    },
  ])
}
