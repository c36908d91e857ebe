// Gets the runtimes from the npm registry, once, into .toolchain/runtimes/; nothing is installed globally.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Runtime } from './runtimes.ts'

/** Fetches what is not there yet, all at once, or one by one where that fails. */
export function fetchRuntimes(wanted: readonly Runtime[], folder: string): void {
  const missing = wanted.filter((runtime) => packageOf(runtime) !== undefined && !isFetched(runtime, folder))
  if (missing.length === 0) return
  console.log(`Fetching ${missing.map(({ name }) => name).join(', ')} into ${folder} (once) …`)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  if (npmInstall(folder, missing) || missing.length === 1) return
  for (const runtime of missing) npmInstall(folder, [runtime])
}

/** The runtime's program where it is there in the wanted version. */
export function programOf(runtime: Runtime, folder: string): string | undefined {
  return isFetched(runtime, folder) ? join(folder, 'node_modules', runtime.name, runtime.program) : undefined
}

function isFetched({ name, version, program }: Runtime, folder: string): boolean {
  const place = join(folder, 'node_modules', name)
  if (!existsSync(join(place, program))) return false
  return (JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { version?: string }).version === version
}

function packageOf({ packages }: Runtime): string | undefined {
  return packages[`${process.platform}-${process.arch}`]
}

/** The platform's own packages need no install script, and none is run. */
function npmInstall(folder: string, missing: readonly Runtime[]): boolean {
  const words = ['install', '--prefix', folder, '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund']
  const names = missing.map((runtime) => `${runtime.name}@npm:${packageOf(runtime)}@${runtime.version}`)
  const { status } = spawnSync('npm', [...words, '--loglevel=error', ...names], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return status === 0
}
