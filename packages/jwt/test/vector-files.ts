// Finds the published test vectors: in the folder that TALLYSTICK_VECTORS names, or beside the project.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, test } from 'vitest'

const folder = process.env['TALLYSTICK_VECTORS'] ?? resolve(import.meta.dirname, '../../../../shared/vectors')

/** Reads one vector file as JSON. */
export function readVectors<Content>(path: string): Content {
  return JSON.parse(readText(path)) as Content
}

/** Reads one vector file as text. */
export function readText(path: string): string {
  return readFileSync(resolve(folder, path), 'utf8').trim()
}

/** Describes tests that need the vectors: skipped, by name, where they are absent; there it is a failure in CI. */
export function describeVectors(name: string, define: () => void): void {
  if (existsSync(folder)) describe(name, define)
  else if (process.env['CI'] === undefined) describe.skip(`${name} (no vectors: set TALLYSTICK_VECTORS)`, define)
  else {
    test(`${name}: the vectors must be there in CI`, () => {
      throw new Error('set TALLYSTICK_VECTORS')
    })
  }
}
