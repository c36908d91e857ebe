// Puts the suite beside the installed packages: as programs that import them, and as one worker that holds them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { packagesFolder } from './install.ts'

/**
 * Writes `program.js`, `portable.js`, `worker.js` and workerd's two configurations into the folder.
 *
 * @throws Error where something does not resolve: the worker is bundled for no platform, so a `node:` import is one.
 */
export async function bundleSuite(folder: string): Promise<void> {
  const common: BuildOptions = {
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    define: {
      REFRESH_TOKEN_VECTORS: vectorsOf('refresh-token/test/vectors/refresh-token.json'),
      SESSION_CREDENTIAL_VECTORS: vectorsOf('session/test/vectors/session-credential.json'),
    },
    logLevel: 'warning',
  }
  await build({
    ...common,
    entryPoints: { program: entry('program'), portable: entry('portable') },
    outdir: folder,
    splitting: true,
    packages: 'external',
  })
  const { metafile } = await build({
    ...common,
    metafile: true,
    entryPoints: { worker: entry('worker') },
    outdir: folder,
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker'],
    plugins: [fromInstalled(folder)],
  })
  const foreign = Object.keys(metafile.inputs).filter(
    (path) => !/^node_modules\/|packages\/runtime-tests\/src\//.test(path),
  )
  if (foreign.length > 0) throw new Error(`the worker holds files that are not installed: ${foreign.join(', ')}`)
  writeFileSync(join(folder, 'worker.capnp'), workerConfig(['no_nodejs_compat', 'no_nodejs_compat_v2']))
  writeFileSync(join(folder, 'worker-compat.capnp'), workerConfig([]))
}

/** The text of a file of vectors, as a literal. */
function vectorsOf(path: string): string {
  return JSON.stringify(readFileSync(join(packagesFolder, path), 'utf8'))
}

/** Our sources stand in the repository, whose links lead to sources too: packages come from the folder alone. */
function fromInstalled(folder: string): Plugin {
  const installed = join(folder, 'node_modules')
  return {
    name: 'installed packages',
    setup(run) {
      run.onResolve({ filter: /^[^./]/ }, ({ path, kind, pluginData, resolveDir }) => {
        if (pluginData === RESOLVED || kind === 'entry-point') return undefined
        return run.resolve(path, {
          kind,
          resolveDir: resolveDir.startsWith(installed) ? resolveDir : folder,
          pluginData: RESOLVED,
        })
      })
    },
  }
}

function entry(name: string): string {
  return join(import.meta.dirname, 'suite', `${name}.ts`)
}

/** On the date below, `nodejs_compat` is on by itself. */
function workerConfig(flags: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = ( services = [ ( name = "suite", worker = .suite ) ] );
const suite :Workerd.Worker = (
  modules = [ ( name = "worker.js", esModule = embed "worker.js" ) ],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = [ ${flags.map((flag) => `"${flag}"`).join(', ')} ],
);
`
}

const RESOLVED = Symbol('resolved')
