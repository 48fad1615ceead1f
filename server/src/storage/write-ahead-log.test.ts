import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPlace, temporaryStorage } from '../../test/stores.ts'
import { openSqlite } from './sqlite-database.ts'
import { copyWal, helpOutLate, untilWalIsShort, walFileBytesMax, walSize } from './write-ahead-log.ts'

test('it is begun anew once it has grown, but not under somebody who reads', async () => {
  const { place, open } = await temporaryStorage()
  const { db } = await open()
  let grown = 0
  const grow = async () => {
    await db
      .insertInto('meta')
      .values({ key: `${++grown}`, value: 'x'.repeat(17 * 2 ** 20) })
      .execute()
  }
  await sql`select 1`.execute(db)
  const small = await walSize(db)
  const fileBytes = () => statSync(join(place.data, 'tidegate.db-wal')).size
  expect(small.bytes).toBeGreaterThan(0)
  expect(fileBytes()).toBe(32 + small.bytes)
  await copyWal(db)
  expect(await walSize(db)).toEqual(small)

  await grow()
  const reader = new DatabaseSync(join(place.data, 'tidegate.db'), { readOnly: true })
  onTestFinished(() => reader.close())
  reader.exec('begin')
  const rowsOf = () => reader.prepare('select count(*) as rows from meta').get()?.rows
  const before = rowsOf()
  await grow()
  await copyWal(db)
  expect(rowsOf()).toBe(before)
  const { bytes, copiedBytes } = await walSize(db)
  expect(bytes).toBeGreaterThan(17 * 2 ** 20)
  expect(copiedBytes).toBeLessThan(bytes)
  reader.exec('commit')
  await copyWal(db)
  expect(await walSize(db)).toEqual({ bytes, copiedBytes: bytes })
  expect(rowsOf()).toBe(Number(before) + 1)
  // It begins anew in the same file, of as much as may stay of that.
  await db.insertInto('meta').values({ key: 'small', value: 'x' }).execute()
  expect((await walSize(db)).bytes).toBeLessThan(bytes / 100)
  expect(fileBytes()).toBe(walFileBytesMax)
})

test('whoever reads for people waits while it is long', async () => {
  const { db } = await (await temporaryStorage()).open()
  await untilWalIsShort(db)
  // In one transaction, so that nobody copies any of it.
  await sql`insert into meta (key, value) values ('large', ${'x'.repeat(65 * 2 ** 20)})`.execute(db)
  expect((await walSize(db)).bytes).toBeGreaterThan(64 * 2 ** 20)
  let isShort = false
  const waiting = untilWalIsShort(db).then(() => isShort)
  await new Promise((resolve) => setImmediate(resolve))
  isShort = true
  await copyWal(db)
  await sql`delete from meta where key = 'none'`.execute(db)
  await db.insertInto('meta').values({ key: 'small', value: 'x' }).execute()
  expect(await waiting).toBe(true)
})

test.each([
  ['a new one', undefined, 2_048],
  ['one that was made with larger pages', 4_096, 4_096],
])('its size is told right for the pages of the database: %s', async (_, made, pageBytes) => {
  const { data } = await temporaryPlace({ bare: true, store: 'sqlite' })
  const path = join(data, 'tidegate.db')
  if (made !== undefined) {
    const database = new DatabaseSync(path)
    database.exec(`pragma page_size = ${made}; pragma journal_mode = wal; create table old (one integer)`)
    database.close()
  }
  const { db, close } = await openSqlite(data)
  onTestFinished(close)
  expect((await walSize(db)).bytes).toBe(statSync(`${path}-wal`).size - 32)
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  expect(database.prepare('pragma page_size').get()).toEqual({ page_size: pageBytes })
  helpOutLate(database)
  expect(database.prepare('pragma wal_autocheckpoint').get()).toEqual({
    wal_autocheckpoint: (128 * 2 ** 20) / pageBytes,
  })
})
