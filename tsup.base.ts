// Builds a package's files from its own `exports`: each entry is one file directly under src/.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from 'tsup'

/** The tsup options of the package in `folder` (the current one), read from its package.json. */
export function fromExports(folder: string = process.cwd()): Options {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { '@tallystick/source'?: string } | string>
  }
  const entry = Object.values(manifest.exports).flatMap((target) => {
    const source = typeof target === 'string' ? undefined : target['@tallystick/source']
    return source === undefined ? [] : [source]
  })
  return {
    entry,
    format: ['esm'],
    dts: false,
    clean: true,
    sourcemap: true,
    splitting: true,
    target: 'es2022',
    platform: 'neutral',
    // `node:sqlite` has no other name.
    removeNodeProtocol: false,
    external: [/^node:/],
    treeshake: true,
    silent: true,
  }
}
