// The demo's command line.
import { parseArgs } from 'node:util'
import { storages } from './storages.ts'

/** What the demo was asked to do. */
export type DemoRequest =
  | { readonly kind: 'run'; readonly json: boolean; readonly seed: number; readonly storage: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

/**
 * Reads the arguments after the script's name.
 *
 * @param storageNames - What `--storage` may be.
 */
export function readArguments(args: readonly string[], storageNames: readonly string[]): DemoRequest {
  let values: ReturnType<typeof parse>
  try {
    values = parse(args)
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : 'the options cannot be read' }
  }
  const { help, json, seed, storage } = values
  if (help) return { kind: 'help' }
  if (!/^\d{1,9}$/.test(seed)) return { kind: 'mistake', message: `--seed must be 0 to 999999999 (given ${seed})` }
  if (!storageNames.includes(storage)) {
    return {
      kind: 'mistake',
      message: `--storage must be one of ${storageNames.join(', ')} (given ${storage})`,
    }
  }
  return { kind: 'run', json, seed: Number(seed), storage }
}

/** What `--help` prints. */
export const helpText: string = `Plays the life of a session against the real packages, on a simulated clock.

  npm run demo -- [options]

  --json            print the results as JSON, and nothing else
  --seed <number>   all chance comes from it; the same seed gives the same run (default 1)
  --storage <name>  where the server keeps its records: ${[...storages.keys()].join(', ')} (default memory)
  --help            print this

Prints a sign-in, a rotation, the sixteen scenarios of the rotation protocol, and the size of what is stored.
Exits with 0 if everything is as it must be, 1 if anything is not, 2 if the options are wrong.
NO_COLOR and FORCE_COLOR are respected; COLUMNS sets the width where the output is no terminal.
`

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      storage: { type: 'string', default: 'memory' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
    strict: true,
    allowPositionals: false,
  }).values
}
