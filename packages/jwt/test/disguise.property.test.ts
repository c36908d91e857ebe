// Chance looks like no key: random secrets of the usual lengths, raw and as the text that tools write them in.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { findDisguise } from '../src/disguise.ts'

const text = (value: string) => new TextEncoder().encode(value)

test(
  'W17 chance is never taken for a key: 100 000 secrets of 32 to 64 bytes, raw and as text',
  { timeout: 120_000 },
  () => {
    const refused: string[] = []
    const reached = { raw: 0, base64: 0, base64url: 0, hex: 0 }
    for (let at = 0; at < 100_000; at += 1) {
      const secret = createHash('sha512')
        .update(String(at))
        .digest()
        .subarray(0, 32 + (at % 33))
      const form = (['base64', 'base64url', 'hex'] as const)[at % 3] ?? 'hex'
      for (const [name, bytes] of [
        ['raw', secret],
        [form, text(secret.toString(form))],
      ] as const) {
        reached[name] += 1
        if (findDisguise(bytes) !== undefined) refused.push(`${name} ${at}`)
      }
    }
    expect(refused).toEqual([])
    expect(Math.min(...Object.values(reached))).toBeGreaterThan(30_000)
  },
)
