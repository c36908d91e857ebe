// The demo: a sign-in, a rotation, the sixteen scenarios and the size of what is stored. A script: it runs when loaded.
import { helpText, readArguments } from './demo/options.ts'
import { renderDemo } from './demo/render.ts'
import { playDemo } from './demo/report.ts'
import { storages } from './demo/storages.ts'
import { layGround } from './world.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const request = readArguments(args)
  if (request.kind === 'help') {
    process.stdout.write(helpText)
    return 0
  }
  const openStorage = request.kind === 'run' ? storages.get(request.storage) : undefined
  if (request.kind === 'mistake' || openStorage === undefined) {
    process.stderr.write(`${request.kind === 'mistake' ? request.message : 'no such storage'}\nTry --help.\n`)
    return 2
  }
  const start = performance.now()
  const report = await playDemo(await layGround(request.seed, { openStorage }), request)
  const tookSeconds = (performance.now() - start) / 1000
  const { stdout, env } = process
  const screen = { isTerminal: stdout.isTTY, columns: stdout.columns, environment: env }
  stdout.write(request.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderDemo(report, screen, tookSeconds))
  return report.ok ? 0 : 1
}
