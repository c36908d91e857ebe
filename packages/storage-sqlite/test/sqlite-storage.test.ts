// What the SQLite adapter promises beyond the contract: settings, transactions, versions, bounded files, plain mistakes.
import type { NumericDate } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import { expect, test } from 'vitest'
import { sqliteStorage } from '../src/index.ts'
import { describeDrivers } from './describe-drivers.ts'
import { bigintStorage, countRows, planOf, revocation, settingsOf } from './looks.ts'
import { databaseInTest, fileInTest, LATER, openInTest, START } from './sqlite-under-test.ts'

describeDrivers((driver) => {
  test('every capability is declared as it is: on the disk in a file, and nowhere in memory', async () => {
    const { records } = await openInTest(driver, fileInTest())
    const capabilities = { compareAndSet: true, linearizable: true, durable: 'disk', expiry: true, clock: false }
    expect(records.capabilities).toEqual(capabilities)
    expect((await openInTest(driver)).records.capabilities.durable).toBe('memory')
    const lossy = await openInTest(driver, fileInTest(), { allowLossOnPowerFailure: true })
    expect(lossy.records.capabilities.durable).toBe('memory')
  })

  test('an answered write is synced: WAL with synchronous FULL, also where the driver’s default is another', async () => {
    const { database } = await openInTest(driver, fileInTest())
    expect(settingsOf(database)).toEqual({ journal_mode: 'wal', synchronous: 2, timeout: 5000 })
    const lossy = await openInTest(driver, fileInTest(), { allowLossOnPowerFailure: true, busyTimeoutMilliseconds: 7 })
    expect(settingsOf(lossy.database)).toEqual({ journal_mode: 'wal', synchronous: 1, timeout: 7 })
  })

  test('before migrate every method rejects, so that nothing is answered on a connection that is not set up', async () => {
    const { records, revocations } = sqliteStorage(databaseInTest(driver))
    const calls = [
      () => records.read('a'),
      () => records.compareAndSet('a', 'absent', { text: '' }, LATER),
      () => records.delete('a'),
      () => records.list({ pending: true }),
      () => revocations.append(revocation('a')),
      () => revocations.since(),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow('sqliteStorage: migrate() must have been answered')
  })

  test('a write while the caller has a transaction open rejects, and leaves that transaction alone', async () => {
    const { records, revocations, database } = await openInTest(driver)
    database.exec('CREATE TABLE own (n INTEGER); BEGIN; INSERT INTO own VALUES (1)')
    await expect(records.compareAndSet('a', 'absent', { text: '' }, LATER)).rejects.toThrow(/transaction/)
    await expect(records.delete('a')).rejects.toThrow(/transaction/)
    await expect(revocations.append(revocation('a'))).rejects.toThrow(/transaction/)
    database.exec('COMMIT')
    expect(database.prepare('SELECT count(*) AS n FROM own').get()).toMatchObject({ n: 1 })
    expect(await records.read('a')).toBeUndefined()
  })

  test('a write that fails halfway leaves nothing behind, and the next one works', async () => {
    const { records, database } = await openInTest(driver)
    database.exec(`CREATE TRIGGER planted AFTER INSERT ON tallystick_records WHEN new.key = 'bad'
      BEGIN SELECT RAISE(FAIL, 'planted'); END`)
    await expect(records.compareAndSet('bad', 'absent', { text: '' }, LATER)).rejects.toThrow('planted')
    expect(await records.read('bad')).toBeUndefined()
    expect((await records.compareAndSet('good', 'absent', { text: '' }, LATER)).won).toBe(true)
  })

  test('a write that another process holds up longer than busy_timeout rejects, and is not answered as lost', async () => {
    const path = fileInTest()
    const { records } = await openInTest(driver, path, { busyTimeoutMilliseconds: 20 })
    const other = databaseInTest(driver, path)
    other.exec('BEGIN IMMEDIATE')
    await expect(records.compareAndSet('a', 'absent', { text: '' }, LATER)).rejects.toThrow(/locked/)
    expect(await records.read('a'), 'readers go on').toBeUndefined()
    other.exec('ROLLBACK')
    expect((await records.compareAndSet('a', 'absent', { text: '' }, LATER)).won).toBe(true)
  })

  test('W91 what a row id named before is nobody else’s: no version of a deleted record fits its successor', async () => {
    const path = fileInTest()
    const seen = new Set<string>()
    for (let start = 0; start < 3; start += 1) {
      const { records, database } = await openInTest(driver, path)
      for (let round = 0; round < 8; round += 1) {
        const answer = await records.compareAndSet('a', 'absent', { text: 'same' }, LATER)
        const version = answer.won ? answer.version : ''
        expect(database.prepare('SELECT rowid AS n FROM tallystick_records').get(), 'SQLite reuses it').toMatchObject({
          n: 1,
        })
        for (const old of seen) {
          expect((await records.compareAndSet('a', old, { text: 'thief' }, LATER)).won).toBe(false)
          expect(await records.delete('a', old)).toBe(false)
        }
        expect(seen.has(version)).toBe(false)
        seen.add(version)
        expect(await records.delete('a', version)).toBe(true)
      }
    }
    expect(seen.size).toBe(24)
  })

  test('two prefixes in one file are two stores', async () => {
    const path = fileInTest()
    const one = await openInTest(driver, path)
    const other = await openInTest(driver, path, { tablePrefix: 'other_1_' })
    await one.records.compareAndSet('a', 'absent', { text: 'one' }, LATER)
    await other.revocations.append(revocation('a'))
    expect(await other.records.read('a')).toBeUndefined()
    expect((await one.revocations.since()).entries).toEqual([])
  })

  test('a record is gone in the second in which it expires, and housekeeping takes its row', async () => {
    const { records, clock, database } = await openInTest(driver)
    for (const key of ['a', 'b', 'c']) await records.compareAndSet(key, 'absent', { text: '' }, plusSeconds(START, 60))
    await clock.advance(59)
    expect(await records.read('a')).toBeDefined()
    await clock.advance(1)
    expect(await records.read('a')).toBeUndefined()
    expect(countRows(database, 'records')).toBe(3)
    await records.compareAndSet('d', 'absent', { text: '' }, LATER)
    expect(countRows(database, 'records'), 'two were swept, one was added').toBe(2)
  })

  test('the largest expiry, and integers that the driver answers as bigints, come back as numbers', async () => {
    const { records, database } = await openInTest(driver)
    const last = numericDate(100_000_000_000)
    await records.compareAndSet('a', 'absent', { text: '' }, last)
    expect((await records.read('a'))?.expiresAt).toBe(last)
    const { records: big, revocations } = await bigintStorage(database)
    await big.compareAndSet('b', 'absent', { text: '', pending: true }, LATER)
    expect(await big.read('b')).toMatchObject({ expiresAt: LATER, pending: true })
    await revocations.append(revocation('b'))
    expect(await revocations.since()).toMatchObject({ entries: [revocation('b')], more: false })
  })

  test.each([Number.NaN, 1_800_000_000_000, -1, 1.5, undefined])(
    'while the clock says %s every method rejects, and nothing is freed or forgotten',
    async (wrong) => {
      let now: number | undefined = START
      const clock = { now: () => now as NumericDate }
      const { records, revocations, database } = await openInTest(driver, undefined, { clock })
      await records.compareAndSet('a', 'absent', { text: '1', subject: 'alice' }, LATER)
      await revocations.append(revocation('a'))
      now = wrong
      const calls = [
        () => records.read('a'),
        () => records.compareAndSet('a', 'absent', { text: 'thief' }, LATER),
        () => records.delete('a'),
        () => records.list({ subject: 'alice' }),
        () => revocations.append(revocation('b')),
        () => revocations.since(),
      ]
      for (const call of calls) await expect(call()).rejects.toThrow(/^NumericDate must be whole seconds/)
      now = START
      expect((await records.read('a'))?.text).toBe('1')
      expect([countRows(database, 'records'), countRows(database, 'revocations')]).toEqual([1, 1])
    },
  )

  test('answers are frozen', async () => {
    const { records, revocations } = await openInTest(driver)
    await records.compareAndSet('a', 'absent', { text: '' }, LATER)
    await revocations.append(revocation('a'))
    expect(Object.isFrozen(await records.read('a'))).toBe(true)
    expect(Object.isFrozen((await revocations.since()).entries[0])).toBe(true)
  })

  test('every look-up and listing goes by an index', async () => {
    const { database } = await openInTest(driver)
    const plans = {
      read: "SELECT * FROM tallystick_records WHERE key = 'a' AND expires_at > 5",
      subject: "SELECT * FROM tallystick_records WHERE subject = 'a' AND key > 'b' AND expires_at > 5 ORDER BY key",
      pending: "SELECT * FROM tallystick_records WHERE pending = 1 AND key > 'b' AND expires_at > 5 ORDER BY key",
      sweep: 'SELECT rowid FROM tallystick_records WHERE expires_at <= 5 ORDER BY expires_at LIMIT 2',
      since: 'SELECT * FROM tallystick_revocations WHERE sequence > 5 AND expires_at > 5 ORDER BY sequence',
    }
    const told = Object.entries(plans).map(([name, sql]) => [name, planOf(database, sql)])
    expect(Object.fromEntries(told)).toEqual({
      read: ['SEARCH tallystick_records USING INDEX sqlite_autoindex_tallystick_records_1 (key=?)'],
      subject: ['SEARCH tallystick_records USING INDEX tallystick_records_by_subject (subject=? AND key>?)'],
      pending: ['SEARCH tallystick_records USING INDEX tallystick_records_by_pending (key>?)'],
      sweep: ['SEARCH tallystick_records USING COVERING INDEX tallystick_records_by_expiry (expires_at<?)'],
      since: ['SEARCH tallystick_revocations USING INTEGER PRIMARY KEY (rowid>?)'],
    })
  })

  test('a damaged revocation is a failure that quotes nothing of it', async () => {
    const { revocations, database } = await openInTest(driver)
    for (const damaged of ['secret', '{}', 'null', '{"target":{},"cause":"x","revokedAt":1}']) {
      database.exec(`DELETE FROM tallystick_revocations;
        INSERT INTO tallystick_revocations (id, entry, expires_at) VALUES ('a', '${damaged}', ${LATER})`)
      const thrown: unknown = await revocations.since().catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
      expect(String(thrown)).not.toContain('secret')
    }
  })

  test('a cursor that is none rejects without being quoted', async () => {
    const { records, revocations } = await openInTest(driver)
    for (const cursor of ['', 'secret!', '-1', '1', '1.', '.x', "1.'", '01.x', ' 1.x', '1e1.x', ['1.x'] as never]) {
      await expect(revocations.since(cursor)).rejects.toThrow(/^RevocationLog: cursor (?!.*secret)/)
    }
    for (const cursor of ['', 'secret!', 'é', 'x'.repeat(257)]) {
      await expect(records.list({ subject: 'alice' }, cursor)).rejects.toThrow(/^RecordStore: cursor (?!.*secret)/)
    }
  })

  test('a closed database, and one that answers arrays, are told at construction', () => {
    const closed = driver.open(':memory:')
    closed.close()
    expect(() => sqliteStorage(closed)).toThrow(/not open/)
    const database = databaseInTest(driver)
    const arrays = { get: () => [0, 'main', ''], all: () => [], run: () => ({}) }
    expect(() => sqliteStorage({ exec: (sql) => database.exec(sql), prepare: () => arrays })).toThrow(
      'sqliteStorage: database must answer rows as objects (given an array of 3)',
    )
  })

  test.each([
    [{ clock: 5 }, 'sqliteStorage: clock must be a Clock (given 5)'],
    [{ entropy: {} }, 'sqliteStorage: entropy must be an Entropy (given an object)'],
    [{ tablePrefix: 'sqlite_' }, 'sqliteStorage: tablePrefix must be 1 to 32 of a-z0-9_'],
    [{ tablePrefix: 'x; DROP' }, 'sqliteStorage: tablePrefix must be'],
    [{ tablePrefix: 'App_' }, 'sqliteStorage: tablePrefix must be'],
    [{ tablePrefix: '' }, 'sqliteStorage: tablePrefix must be'],
    [{ busyTimeoutMilliseconds: -1 }, 'sqliteStorage: busyTimeoutMilliseconds must be 0 to 60000 (given -1)'],
    [{ busyTimeoutMilliseconds: Infinity }, 'sqliteStorage: busyTimeoutMilliseconds must be 0 to 60000'],
    [{ allowLossOnPowerFailure: 1 }, 'sqliteStorage: allowLossOnPowerFailure must be a boolean (given 1)'],
  ] as const)('the option %o is a mistake at construction', (options, message) => {
    expect(() => sqliteStorage(databaseInTest(driver), options as never)).toThrow(message)
  })
})

test('what is no database is a mistake at construction', () => {
  for (const database of [undefined, 'tokens.db', { exec() {} }]) {
    expect(() => sqliteStorage(database as never)).toThrow("sqliteStorage: database must be node:sqlite's DatabaseSync")
  }
})
