import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPlace, temporaryStorage } from '../../test/stores.ts'
import { copyWal, untilWalIsShort, walBytes } from './write-ahead-log.ts'

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
  const small = walBytes(place.data)
  await copyWal(place.data, db)
  expect(walBytes(place.data)).toBe(small)

  await grow()
  const reader = new DatabaseSync(join(place.data, 'tidegate.db'), { readOnly: true })
  onTestFinished(() => reader.close())
  reader.exec('begin')
  const rowsOf = () => reader.prepare('select count(*) as rows from meta').get()?.rows
  const before = rowsOf()
  await grow()
  await copyWal(place.data, db)
  expect(rowsOf()).toBe(before)
  expect(walBytes(place.data)).toBeGreaterThan(17 * 2 ** 20)
  reader.exec('commit')
  await copyWal(place.data, db)
  expect(walBytes(place.data)).toBe(0)
  expect(rowsOf()).toBe(Number(before) + 1)
})

test('whoever reads for people waits while it is long', async () => {
  const { data } = await temporaryPlace()
  await untilWalIsShort(data)
  const file = join(data, 'tidegate.db-wal')
  writeFileSync(file, '')
  truncateSync(file, 65 * 2 ** 20)
  let isShort = false
  const waiting = untilWalIsShort(data).then(() => isShort)
  await new Promise((resolve) => setImmediate(resolve))
  isShort = true
  truncateSync(file, 0)
  expect(await waiting).toBe(true)
})
