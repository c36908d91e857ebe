// Schema and epochs: migrate is idempotent, refuses what is newer, waits for others, and the log notices a restored file.
import { copyFileSync } from 'node:fs'
import { plusSeconds } from '@tallystick/core'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStorage } from '../src/index.ts'
import { describeDrivers } from './describe-drivers.ts'
import { countRows, numberOf, revocation, schemaOf, settingsOf } from './looks.ts'
import { databaseInTest, fileInTest, LATER, open, openInTest, START } from './sqlite-under-test.ts'

/** The table for the version, as migrate makes it. */
const OWN_SHAPE = 'CREATE TABLE tallystick_schema (version INTEGER NOT NULL) STRICT'

describeDrivers((driver) => {
  test('migrate again, on one connection or another, changes neither schema nor records', async () => {
    const path = fileInTest()
    const { records, migrate, database } = await openInTest(driver, path)
    const schema = schemaOf(database)
    expect(schema.length).toBe(8)
    await records.compareAndSet('a', 'absent', { text: 'kept' }, LATER)
    await migrate()
    await openInTest(driver, path)
    expect(schemaOf(database)).toEqual(schema)
    expect(countRows(database, 'schema')).toBe(1)
    expect((await records.read('a'))?.text).toBe('kept')
  })

  test('a schema that a newer release wrote is refused, and left as it is', async () => {
    const { migrate, database } = await openInTest(driver)
    database.exec('UPDATE tallystick_schema SET version = 7')
    const before = countRows(database, 'epochs')
    await expect(migrate()).rejects.toThrow(
      new RangeError(
        'sqliteStorage: the version of the schema must be 1 or earlier: a newer release wrote it (given 7)',
      ),
    )
    expect([countRows(database, 'epochs'), numberOf(database, 'SELECT version FROM tallystick_schema')]).toEqual([
      before,
      7,
    ])
  })

  test('a table of that name that is somebody else’s is left alone, and nothing of the schema is made', async () => {
    const database = databaseInTest(driver)
    database.exec('CREATE TABLE tallystick_revocations (mine TEXT)')
    await expect(sqliteStorage(database).migrate()).rejects.toThrow(/already exists/)
    expect(schemaOf(database).length).toBe(1)
  })

  test.each([
    ['of another shape', 'CREATE TABLE tallystick_schema (version INTEGER)', '"another shape"'],
    ['that is a view', 'CREATE VIEW tallystick_schema AS SELECT 1 AS version', '"another shape"'],
    ['without a row', OWN_SHAPE, '"0 rows"'],
    ['with two rows', `${OWN_SHAPE}; INSERT INTO tallystick_schema VALUES (0), (-3)`, '"2 rows"'],
    ['of version 0', `${OWN_SHAPE}; INSERT INTO tallystick_schema VALUES (0)`, '"version 0"'],
    ['of version -3', `${OWN_SHAPE}; INSERT INTO tallystick_schema VALUES (-3)`, '"version -3"'],
    [
      'without the others',
      `${OWN_SHAPE}; INSERT INTO tallystick_schema VALUES (1)`,
      '"version 1 without the table tall',
    ],
  ])('a table for the version %s is somebody else’s: a mistake, and nothing is changed', async (_, sql, given) => {
    const database = databaseInTest(driver)
    database.exec(sql)
    const look = (): unknown => [schemaOf(database), database.prepare('SELECT * FROM tallystick_schema').all()]
    const before = look()
    const { migrate, records } = sqliteStorage(database)
    const thrown: unknown = await migrate().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(TypeError)
    expect(String(thrown)).toContain('sqliteStorage: the table tallystick_schema must be as migrate() leaves it')
    expect(String(thrown)).toContain(`choose another tablePrefix (given ${given}`)
    expect(look()).toEqual(before)
    await expect(records.read('a')).rejects.toThrow('migrate() must have been answered')
    const elsewhere = sqliteStorage(database, { tablePrefix: 'own_' })
    await elsewhere.migrate()
    expect(await elsewhere.records.read('a')).toBeUndefined()
  })

  test('temporary tables of the same names, made before or after, are not taken for the store’s own', async () => {
    const path = fileInTest()
    const { records, revocations, migrate, database } = await openInTest(driver, path)
    await records.compareAndSet('a', 'absent', { text: 'kept', subject: 'alice' }, LATER)
    for (const name of ['schema', 'records', 'revocations', 'epochs']) {
      database.exec(`CREATE TEMP TABLE tallystick_${name} (mine TEXT)`)
    }
    await migrate()
    expect((await records.read('a'))?.text).toBe('kept')
    expect((await records.list({ subject: 'alice' })).records.length).toBe(1)
    await revocations.append(revocation('a'))
    const { cursor } = await revocations.since()
    expect(await records.delete('a')).toBe(true)
    const other = await openInTest(driver, path)
    expect([await other.records.read('a'), await idsSince(other, cursor)]).toEqual([undefined, []])
    const fresh = databaseInTest(driver)
    fresh.exec('CREATE TEMP TABLE tallystick_schema (mine TEXT)')
    const storage = sqliteStorage(fresh)
    await storage.migrate()
    expect(await storage.records.read('a')).toBeUndefined()
  })

  test('a connection that was closed and opened again works after migrate, with its settings', async () => {
    const path = fileInTest()
    const first = driver.open(path)
    let current = first
    onTestFinished(() => current.close())
    const { records, revocations, migrate } = sqliteStorage({
      exec: (sql) => current.exec(sql),
      prepare: (sql) => current.prepare(sql),
    })
    await migrate()
    await records.compareAndSet('a', 'absent', { text: 'kept' }, LATER)
    await revocations.append(revocation('a'))
    first.close()
    current = driver.open(path)
    await expect(records.read('b')).rejects.toThrow(/not open|finalized/)
    await migrate()
    expect(settingsOf(current)).toEqual({ journal_mode: 'wal', synchronous: 2, timeout: 5000 })
    expect((await records.read('a'))?.text).toBe('kept')
    expect((await revocations.since()).entries.length).toBe(1)
    expect((await records.compareAndSet('b', 'absent', { text: '' }, LATER)).won).toBe(true)
  })

  test('where migrate fails, every other method rejects until it is answered', async () => {
    const { migrate, records, database } = await openInTest(driver)
    database.exec('UPDATE tallystick_schema SET version = 7')
    await expect(migrate()).rejects.toThrow('a newer release wrote it')
    await expect(records.read('a')).rejects.toThrow('migrate() must have been answered')
    database.exec('UPDATE tallystick_schema SET version = 1')
    await migrate()
    expect(await records.read('a')).toBeUndefined()
  })

  test('a database that cannot use write-ahead logging is a mistake', async () => {
    const path = fileInTest()
    const database = databaseInTest(driver, path)
    const { migrate } = sqliteStorage({
      exec: (sql) => (sql.includes('journal_mode') ? undefined : database.exec(sql)),
      prepare: (sql) => database.prepare(sql),
    })
    await expect(migrate()).rejects.toThrow(
      'sqliteStorage: database must be able to use write-ahead logging (WAL) (given "delete")',
    )
  })

  test('a process that writes while the mode of the file is changed is waited for', async () => {
    const path = fileInTest()
    const database = databaseInTest(driver, path)
    const other = databaseInTest(driver, path)
    other.exec('BEGIN IMMEDIATE; CREATE TABLE own (n INTEGER)')
    let failures = 0
    const { migrate } = sqliteStorage({
      exec(sql) {
        try {
          return database.exec(sql)
        } catch (error) {
          failures += 1
          other.exec('COMMIT')
          throw error
        }
      },
      prepare: (sql) => database.prepare(sql),
    })
    await migrate()
    expect([failures, settingsOf(database)['journal_mode']]).toEqual([1, 'wal'])
  })

  test('a file whose mode cannot be changed, however often it is tried, is a failure of SQLite’s own', async () => {
    const path = fileInTest()
    const database = databaseInTest(driver, path)
    databaseInTest(driver, path).exec('CREATE TABLE own (n INTEGER); BEGIN; SELECT * FROM own')
    await expect(sqliteStorage(database, { busyTimeoutMilliseconds: 5 }).migrate()).rejects.toThrow(/locked/)
  })

  test('a cursor stays good over restarts', async () => {
    const path = fileInTest()
    const first = await open(driver, path)
    await first.revocations.append(revocation('a'))
    const { cursor } = await first.revocations.since()
    await first.revocations.append(revocation('b'))
    first.database.close()
    const second = await openInTest(driver, path)
    await second.revocations.append(revocation('c'))
    expect(await idsSince(second, cursor)).toEqual(['b', 'c'])
  })

  test('a sequence number is not given twice, also when the last entries have expired and the process is another', async () => {
    const path = fileInTest()
    const first = await open(driver, path)
    for (const id of ['a', 'b', 'c']) await first.revocations.append(revocation(id, plusSeconds(START, 1)))
    const { cursor } = await first.revocations.since()
    first.database.exec('DELETE FROM tallystick_revocations')
    first.database.close()
    const second = await openInTest(driver, path)
    await second.revocations.append(revocation('d'))
    expect(await idsSince(second, cursor)).toEqual(['d'])
    expect(numberOf(second.database, 'SELECT sequence FROM tallystick_revocations')).toBe(4)
  })

  test('a cursor from after a backup answers from the start once the backup was restored: none is missed', async () => {
    const path = fileInTest()
    const backup = fileInTest()
    const before = await open(driver, path)
    await before.revocations.append(revocation('kept'))
    const early = (await before.revocations.since()).cursor
    before.database.exec(`VACUUM INTO '${backup}'`)
    for (const id of ['lost 1', 'lost 2']) await before.revocations.append(revocation(id))
    const late = (await before.revocations.since()).cursor
    before.database.close()
    copyFileSync(backup, path)
    const after = await openInTest(driver, path)
    for (const id of ['new 1', 'new 2', 'new 3']) await after.revocations.append(revocation(id))
    expect(await idsSince(after, early), 'a cursor from before the backup stays good').toEqual([
      'new 1',
      'new 2',
      'new 3',
    ])
    expect(await idsSince(after, late), 'the place of the other was given again').toEqual([
      'kept',
      'new 1',
      'new 2',
      'new 3',
    ])
  })

  test('a cursor of another file answers from the start', async () => {
    const other = await openInTest(driver)
    await other.revocations.append(revocation('theirs'))
    const { cursor } = await other.revocations.since()
    const own = await openInTest(driver)
    for (const id of ['a', 'b']) await own.revocations.append(revocation(id))
    expect(await idsSince(own, cursor)).toEqual(['a', 'b'])
  })

  test('three hundred starts leave 256 epochs, and the cursor of the first repeats entries and misses none', async () => {
    const { migrate, revocations, database } = await openInTest(driver)
    await revocations.append(revocation('a'))
    const { cursor } = await revocations.since()
    for (let start = 0; start < 300; start += 1) await migrate()
    expect(countRows(database, 'epochs')).toBe(256)
    expect(await idsSince({ revocations }, cursor)).toEqual(['a'])
  })
})

async function idsSince(
  { revocations }: Pick<Awaited<ReturnType<typeof open>>, 'revocations'>,
  cursor: string,
): Promise<readonly string[]> {
  return (await revocations.since(cursor)).entries.map(({ id }) => id)
}
