// The demo tells the same story on every storage that it can run on.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { storages } from '../src/demo/storages.ts'

const others = [...storages.keys()].filter((name) => name !== 'memory')

test.each(others)('on %s every answer is the one that memory gives, and no file is left', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [memory, other] = await Promise.all([play('memory', folder), play(name, folder)])
  expect(other).toEqual({ ...memory, storage: name })
  expect(memory).toMatchObject({ ok: true, growth: { ok: true } })
  expect(readdirSync(folder)).toEqual([])
})

function play(storage: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  const script = fileURLToPath(new URL('../src/demo.ts', import.meta.url))
  const args = ['--conditions=@tallystick/source', script, '--json', '--storage', storage]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env: { ...process.env, TMPDIR: folder } }, (error, stdout, stderr) => {
      if (error === null && stderr === '') resolve(JSON.parse(stdout) as Readonly<Record<string, unknown>>)
      else reject(new Error(`the demo complains: ${stderr}`))
    })
  })
}
