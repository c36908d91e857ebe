// The demo as people and programs run it: what it prints where, and how it exits.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Storage } from '@tallystick/storage'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, it } from 'vitest'
import { isConstant, measureGrowth } from '../src/demo/growth.ts'
import { type DemoHost, runDemo } from '../src/demo/main.ts'
import { renderDemo } from '../src/demo/render.ts'
import { type DemoReport, playDemo } from '../src/demo/report.ts'
import { shorten } from '../src/demo/session.ts'
import type { Storages } from '../src/demo/storages.ts'
import { layGround } from '../src/world.ts'

const script = fileURLToPath(new URL('../src/demo.ts', import.meta.url))
const played = layGround(1).then((ground) => playDemo(ground, { seed: 1, storage: 'memory' }))
const noTerminal = { isTerminal: false, environment: {} }

describe('the demo as a script', () => {
  it('prints JSON and nothing else with --json, the same for the same seed, and exits with 0', async () => {
    const [first, second, other] = await Promise.all([start('--json'), start('--json'), start('--json', '--seed', '2')])
    const report = JSON.parse(first.stdout) as DemoReport
    expect([first.code, first.stderr, report.ok]).toEqual([0, '', true])
    expect(report.scenarios.map(({ number, ok }) => [number, ok])).toEqual(
      Array.from({ length: 16 }, (_, index) => [index + 1, true]),
    )
    expect(second.stdout).toBe(first.stdout)
    expect(other.stdout).not.toBe(first.stdout)
    expect(other.code).toBe(0)
  })

  it('prints the parts in their order, without colour where the output is no terminal', async () => {
    const { stdout, code } = await start()
    const parts = ['A sign-in', 'claims', 'a rotation', 'sixteen scenarios', 'in the store', 'all as it must be']
    const places = parts.map((part) => stdout.indexOf(part))
    expect(places).toEqual(places.toSorted((left, right) => left - right))
    expect(places).not.toContain(-1)
    expect(stdout.includes('\u001B')).toBe(false)
    expect(stdout.match(/^ {2}✓ {1,2}\d+/gmu)).toHaveLength(16)
    expect(code).toBe(0)
  })

  it('explains itself with --help', async () => {
    const { stdout, code } = await start('--help')
    expect([code, stdout.includes('--json'), stdout.includes('--seed')]).toEqual([0, true, true])
  })

  it.for([
    [['--nope'], '--nope'],
    [['more'], 'more'],
    [['--seed', 'x'], '--seed must be'],
    [['--storage', 'paper'], '--storage must be one of memory'],
  ] as const)('refuses %j with a message and 2', async ([args, message]) => {
    const written: string[] = []
    const complained: string[] = []
    const host: DemoHost = {
      stdout: { write: (text) => written.push(text) },
      stderr: { write: (text) => complained.push(text) },
      env: {},
    }
    expect(await runDemo(args, host)).toBe(2)
    expect([written, complained.join('').includes(message)]).toEqual([[], true])
  })

  it('exits with 2 where an option is wrong', async () => {
    const { stdout, stderr, code } = await start('--nope')
    expect([code, stdout, stderr.includes('--nope')]).toEqual([2, '', true])
  })
})

describe('the demo on a broken storage', () => {
  it('exits with 1 and shows what was found instead', async () => {
    const forgetful: Storages = new Map([['memory', (clock) => Promise.resolve(forgetting(memoryStorage({ clock })))]])
    const written: string[] = []
    const host: DemoHost = { stdout: { write: (text) => written.push(text) }, stderr: { write: () => 0 }, env: {} }
    const code = await runDemo([], host, forgetful)
    expect(code).toBe(1)
    expect(written.join('')).toMatch(/✗ {2}6 {2}[\s\S]+wanted[\s\S]+not as it must be/u)
  })
})

describe('the page', () => {
  it.for([40, 80, 100, 120, 160])('keeps within %i columns, with no space at the end of a line', async (columns) => {
    const lines = renderDemo(await played, { ...noTerminal, columns }, 1).split('\n')
    expect(lines.filter((line) => [...line].length > columns)).toEqual([])
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([])
  })

  it('lays three columns side by side from 110 columns on, each beginning at one place', async () => {
    const lines = renderDemo(await played, { ...noTerminal, columns: 120 }, 1).split('\n')
    const head = lines.find((line) => line.includes('what happened')) ?? ''
    const column = head.indexOf('what happened')
    const rows = lines.filter((line) => /^ {2}✓ {1,2}\d/u.test(line))
    expect(rows).toHaveLength(16)
    expect(rows.filter((line) => line.slice(column - 2, column) !== '  ' || line[column] === ' ')).toEqual([])
  })

  it.for([
    ['a terminal', true, {}, true],
    ['no terminal', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['no terminal with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ] as const)('is coloured as it should be on %s', async ([, isTerminal, environment, coloured]) => {
    const page = renderDemo(await played, { isTerminal, environment }, 1)
    expect(page.includes('\u001B[')).toBe(coloured)
  })

  it('says the same with colour and without', async () => {
    const bare = renderDemo(await played, { isTerminal: false, environment: {}, columns: 120 }, 1)
    const coloured = renderDemo(await played, { isTerminal: true, environment: {}, columns: 120 }, 1)
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replaceAll(/\u001B\[\d+m/g, '')).toBe(bare)
  })

  it('shows no whole token', async () => {
    const page = JSON.stringify(await played)
    expect(page).not.toMatch(/trt_[A-Za-z0-9_-]{20}|eyJ[A-Za-z0-9_-]{20}/)
    expect(shorten('trt_'.padEnd(76, 'a'))).toHaveLength(19)
  })
})

describe('the size of what is stored', () => {
  it('stays the same from the second rotation to the ten-thousandth', async () => {
    const { samples, ok } = (await played).growth
    expect(ok).toBe(true)
    expect(samples.map(({ rotations, records }) => [rotations, records])).toEqual([
      [1, 1],
      [100, 1],
      [10_000, 1],
    ])
  })

  it('is said to grow where it does', async () => {
    const base = { rotations: 1, records: 1, bytes: 500 }
    expect(isConstant([base, { ...base, bytes: 560 }, { ...base, bytes: 563 }])).toBe(true)
    expect(isConstant([base, { ...base, bytes: 560 }, { ...base, bytes: 600 }])).toBe(false)
    expect(isConstant([base, { ...base, bytes: 700 }, { ...base, bytes: 700 }])).toBe(false)
    expect(isConstant([base, base, { ...base, records: 2 }])).toBe(false)
    const padded = await measureGrowth(
      await layGround(1, { openStorage: (clock) => Promise.resolve(padding(memoryStorage({ clock }))) }),
      [1, 10, 20],
    )
    expect(padded.ok).toBe(false)
  })
})

/** Every write is a little longer than the one before. */
function padding({ records, revocations }: Storage): Storage {
  let writes = 0
  return {
    records: {
      ...records,
      compareAndSet: (key, version, record, expiresAt) =>
        records.compareAndSet(key, version, { ...record, text: record.text + ' '.repeat((writes += 1)) }, expiresAt),
    },
    revocations,
  }
}

/** Says that it wrote a tombstone, and did not. */
function forgetting({ records, revocations }: Storage): Storage {
  return {
    records: {
      ...records,
      compareAndSet: (key, version, record, expiresAt) =>
        record.text.includes('"status":"revoked"')
          ? Promise.resolve({ won: true, version: 'forgotten' })
          : records.compareAndSet(key, version, record, expiresAt),
    },
    revocations,
  }
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function start(...args: readonly string[]): Promise<Ended> {
  const { PATH } = process.env
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@tallystick/source', script, ...args],
      { env: { PATH }, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}
