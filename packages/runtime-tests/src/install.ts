// Installs the built packages as a user would: packed, then `npm install` of the tarballs in a folder of its own.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The repository's packages folder. */
export const packagesFolder: string = join(import.meta.dirname, '../..')

/**
 * Packs what the suite depends on, and what that depends on, and installs it.
 *
 * @throws Error where a package is not built, cannot be packed, or cannot be installed.
 */
export async function installPackages(folder: string): Promise<void> {
  const names = closureOf('runtime-tests')
  mkdirSync(join(folder, 'packed'))
  await Promise.all(names.map((name) => pack(name, join(folder, 'packed', `${name}.tgz`))))
  const dependencies = Object.fromEntries(names.map((name) => [manifestOf(name).name, `file:packed/${name}.tgz`]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }, null, 2))
  const words = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error('the packed packages could not be installed')
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** The folders of our packages that a package needs, itself left out. */
function closureOf(start: string): readonly string[] {
  const found = new Set<string>()
  const visit = (folder: string): void => {
    for (const [name, range] of Object.entries(manifestOf(folder).dependencies ?? {})) {
      const next = name.replace('@tallystick/', '')
      if (!range.startsWith('workspace:') || found.has(next)) continue
      found.add(next)
      visit(next)
    }
  }
  visit(start)
  return [...found]
}

async function pack(name: string, tarball: string): Promise<void> {
  const cwd = join(packagesFolder, name)
  if (!existsSync(join(cwd, 'dist/index.js'))) throw new Error(`packages/${name} is not built: run pnpm run build`)
  await promisify(execFile)('pnpm', ['pack', '--silent', '--out', tarball], { cwd })
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(packagesFolder, folder, 'package.json'), 'utf8')) as Manifest
}
