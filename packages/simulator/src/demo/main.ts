// The demo as a function of its arguments and of the process it runs in.
import { layGround } from '../world.ts'
import { helpText, readArguments } from './options.ts'
import { renderDemo } from './render.ts'
import { playDemo } from './report.ts'
import { storages, type Storages } from './storages.ts'

/** What the demo needs of the process it runs in. */
export interface DemoHost {
  readonly stdout: Output & { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Runs the demo.
 *
 * @returns The exit code: 0 if all is as it must be, 1 if not, 2 where the options are wrong.
 */
export async function runDemo(
  args: readonly string[],
  { stdout, stderr, env }: DemoHost,
  available: Storages = storages,
): Promise<number> {
  const request = readArguments(args, [...available.keys()])
  if (request.kind === 'help') {
    stdout.write(helpText)
    return 0
  }
  const openStorage = request.kind === 'run' ? available.get(request.storage) : undefined
  if (request.kind === 'mistake' || openStorage === undefined) {
    stderr.write(`${request.kind === 'mistake' ? request.message : 'no such storage'}\nTry --help.\n`)
    return 2
  }
  const start = performance.now()
  const report = await playDemo(await layGround(request.seed, { openStorage }), request).catch((error: unknown) =>
    error instanceof Error ? error : new Error('the demo failed'),
  )
  if (report instanceof Error) {
    stderr.write(`${report.message}\n`)
    return 1
  }
  const tookSeconds = (performance.now() - start) / 1000
  const screen = { isTerminal: stdout.isTTY === true, columns: stdout.columns, environment: env }
  stdout.write(request.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderDemo(report, screen, tookSeconds))
  return report.ok ? 0 : 1
}

interface Output {
  write(text: string): unknown
}
