// Bundles the Workers of this folder and runs them in workerd, each on a port of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fetchRuntimes, programOf } from '../../../packages/runtime-tests/src/fetch.ts'
import { runtimes } from '../../../packages/runtime-tests/src/runtimes.ts'
import { build } from 'esbuild'

export type WorkerName = 'session-worker' | 'api-worker'

/** A Worker as one module. Nothing resolves `node:` modules, so that a bundle with one is not made at all. */
export async function bundle(name: WorkerName): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['@tallystick/source', 'workerd', 'worker'],
    write: false,
    logLevel: 'warning',
  })
  return outputFiles[0]?.text ?? ''
}

/** Where workerd is; in CI it is fetched where it is not there yet. */
export function findWorkerd(): string | undefined {
  const runtime = runtimes.find(({ name }) => name === 'workerd')
  if (runtime === undefined) return undefined
  const folder = join(import.meta.dirname, '../../../.toolchain/runtimes')
  if (process.env['CI'] !== undefined) fetchRuntimes([runtime], folder)
  return programOf(runtime, folder)
}

/** What the Workers are started with. */
export interface Given {
  readonly bundles: Readonly<Record<WorkerName, string>>
  readonly bindings: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>
  /** Whether there is a `node:crypto` to be found at run time. */
  readonly compatibility: 'nodejs_compat' | 'no_nodejs_compat'
}

export interface Running {
  readonly ports: Readonly<Record<WorkerName, number>>
  close(): Promise<void>
}

/** Starts both; the first has the second as its binding `API`. */
export async function serveWorkers(program: string, { bundles, bindings, compatibility }: Given): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-workers-'))
  for (const name of NAMES) writeFileSync(join(folder, `${name}.js`), bundles[name])
  // On the date below, `nodejs_compat` is on by itself.
  const flags = compatibility === 'nodejs_compat' ? [] : [compatibility, 'no_nodejs_compat_v2']
  writeFileSync(join(folder, 'config.capnp'), configOf(bindings, flags))
  // What listens where is told on the control descriptor, one line of JSON for each socket.
  const words = ['serve', 'config.capnp', '--control-fd=3']
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit', 'pipe'] })
  try {
    return { ports: await readPorts(child), close: () => end(child, folder) }
  } catch (error) {
    await end(child, folder)
    throw error
  }
}

async function readPorts(child: ChildProcess): Promise<Record<WorkerName, number>> {
  const ports = new Map<string, number>()
  const control = child.stdio[3] as NodeJS.ReadableStream
  for await (const line of createInterface({ input: control })) {
    const { socket, port } = JSON.parse(line) as { readonly socket?: string; readonly port?: number }
    if (socket !== undefined && port !== undefined) ports.set(socket, port)
    const [session, api] = NAMES.map((name) => ports.get(name))
    if (session !== undefined && api !== undefined) return { 'session-worker': session, 'api-worker': api }
  }
  throw new Error('workerd ended before it listened')
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}

function configOf(bindings: Given['bindings'], flags: readonly string[]): string {
  const worker = (name: WorkerName, more: readonly string[] = []) => {
    const texts = Object.entries(bindings[name]).map(([key, text]) => `( name = "${key}", text = ${quote(text)} )`)
    return `( name = "${name}", worker = (
      modules = [ ( name = "${name}.js", esModule = embed "${name}.js" ) ],
      compatibilityDate = "2026-11-01", compatibilityFlags = [ ${flags.map(quote).join(', ')} ],
      bindings = [ ${[...texts, ...more].join(', ')} ] ) )`
  }
  const services = [worker('session-worker', ['( name = "API", service = "api-worker" )']), worker('api-worker')]
  const sockets = NAMES.map((name) => `( name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}" )`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ ${services.join(',\n')} ],
  sockets = [ ${sockets.join(',\n')} ] );
`
}

function quote(text: string): string {
  return JSON.stringify(text)
}

const NAMES = ['session-worker', 'api-worker'] as const
