import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inspect, promisify } from 'node:util'
import { Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../../test/scratch.ts'
import { onEachStore, temporaryPlace, temporaryStorage } from '../../test/stores.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { migrate, migrateTo } from './migrate.ts'
import { migrations } from './migrations.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'
import { openStorage } from './storage.ts'

onEachStore((store) => {
  test('a place keeps its secret and its rows from one opening to the next', async () => {
    const { place } = await temporaryStorage()
    const first = await openStorage(place)
    await first.db.insertInto('tenants').values({ id: 'acme', name: 'acme', created_at: 1 }).execute()
    await first.close()
    const second = await openStorage(place)
    expect(second.secret.equals(first.secret)).toBe(true)
    const rows = await second.db.selectFrom('tenants').select('id').orderBy('id').execute()
    expect(rows.map((row) => row.id)).toEqual(['acme', 'default'])
    await second.close()
  })

  test('it opens in several processes at once, with one secret', async () => {
    const place = await temporaryPlace({ bare: true })
    const open = `
      const { openStorage } = await import(${JSON.stringify(join(import.meta.dirname, 'storage.ts'))})
      const storage = await openStorage(${JSON.stringify(place)})
      process.stdout.write(storage.secret.export().toString('hex'))
      await storage.close()`
    const openings = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', open]),
    )
    const secrets = (await Promise.all(openings)).map((result) => result.stdout)
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(readdirSync(place.data).sort()).toEqual(store === 'sqlite' ? ['secret', 'tidegate.db'] : ['secret'])
  })

  test('it is refused when its secret is another one, or none', async () => {
    const { place } = await temporaryStorage()
    await (await openStorage(place)).close()
    const secretFile = join(place.data, 'elsewhere')
    writeFileSync(secretFile, Buffer.alloc(32, 7))
    await expect(openStorage({ ...place, secretFile })).rejects.toThrow(/elsewhere does not belong to the database/)
    writeFileSync(join(place.data, 'secret'), 'short')
    await expect(openStorage(place)).rejects.toThrow(OperatorError)
  })

  test('it is refused when a newer version made it', async () => {
    const { place } = await temporaryStorage()
    const storage = await openStorage(place)
    await storage.db
      .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
      .insertInto('kysely_migration')
      .values({ name: '9999-later', timestamp: '' })
      .execute()
    await storage.close()
    await expect(openStorage(place)).rejects.toThrow(/another version of Tidegate/)
  })

  test('who reads sees at once what another process committed, and a transaction that failed leaves nothing', async () => {
    const { open } = await temporaryStorage()
    const storage = await open()
    const other = await open()
    const count = () =>
      other.read
        .selectFrom('tenants')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirst()
    expect(await count()).toEqual({ n: 1 })
    await storage.db.insertInto('tenants').values({ id: 'a', name: 'a', created_at: 1 }).execute()
    expect(await count()).toEqual({ n: 2 })
    const failing = storage.db.transaction().execute(async (trx) => {
      await trx.insertInto('tenants').values({ id: 'b', name: 'b', created_at: 1 }).execute()
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await count()).toEqual({ n: 2 })
  })

  test('what is read for update and written back is never lost, whoever does so at once', async () => {
    const { open } = await temporaryStorage()
    const storages = [await open(), await open()]
    const addOne = (storage: (typeof storages)[number]) =>
      storage.db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom('tenants')
          .select('created_at')
          .where('id', '=', 'default')
          .forUpdate()
          .executeTakeFirstOrThrow()
        await trx
          .updateTable('tenants')
          .set({ created_at: row.created_at + 1 })
          .where('id', '=', 'default')
          .execute()
      })
    const before = await storages[0]?.db.selectFrom('tenants').select('created_at').executeTakeFirstOrThrow()
    await Promise.all(storages.flatMap((storage) => Array.from({ length: 10 }, () => addOne(storage))))
    const after = await storages[0]?.db.selectFrom('tenants').select('created_at').executeTakeFirstOrThrow()
    expect((after?.created_at ?? 0) - (before?.created_at ?? 0)).toBe(20)
  })
})

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(scratch, 'tidegate-storage-')), 'data')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('a data folder', () => {
  test('is made for its owner alone, and so is every file in it', async () => {
    const storage = await openStorage({ data: folder })
    expect(modeOf(folder)).toBe('700')
    expect(readdirSync(folder)).toContain('secret')
    for (const name of readdirSync(folder)) expect(`${name} ${modeOf(join(folder, name))}`).toBe(`${name} 600`)
    await storage.close()
  })

  test('is refused with one clear sentence where no folder can be', async () => {
    const file = join(folder, '..', 'a-file')
    writeFileSync(file, '')
    await expect(openStorage({ data: join(file, 'data') })).rejects.toThrow(/data folder .* cannot be used/)
  })
})

test('a database that cannot be reached is one sentence, without its password', async () => {
  const databaseUrl = 'postgres://someone:s3cret@127.0.0.1:1/none'
  const refusal = await openStorage({ data: folder, databaseUrl }).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(OperatorError)
  expect(String(refusal)).toMatch(/^(?!.*s3cret).*database of TIDEGATE_DATABASE_URL cannot be used: .*ECONNREFUSED/)
})

test('what is held stays held when its table becomes another one', async () => {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(new DatabaseSync(':memory:')) })
  const before = Object.keys(migrations).filter((name) => name < '0015')
  await migrateTo(db, before)
  await db.insertInto('tenants').values({ id: 'acme', name: 'acme', created_at: 1 }).execute()
  await sql`insert into accounts (tenant, currency) values ('acme', 'CNY')`.execute(db)
  const tokens = { prompt_tokens: 1, cached_tokens: 2, completion_tokens: 3, reasoning_tokens: 4 }
  const held = { amount: 5, tokens: 6, tokens_of: 'key tenant', at: 7, node: 'n', ...tokens }
  const whose = { tenant: 'acme', project: 'p', key: 'k', user_id: 'u', model: 'm', price: null }
  await db
    .insertInto('holds')
    .values([
      { request: 'req_2', ...whose, ...held },
      { request: 'req_1', ...whose, project: null, ...held },
    ])
    .execute()
  const rows = () => db.selectFrom('holds').selectAll().orderBy('request').execute()
  const old = await rows()
  await migrate(db)
  expect(await rows()).toEqual(old)
  expect(old).toHaveLength(2)
  await db.destroy()
})

test('a printed secret shows nothing of itself', async () => {
  const storage = await openStorage({ data: folder })
  const hex = storage.secret.export().toString('hex')
  expect(inspect(storage.secret, { depth: 9, showHidden: true })).not.toContain(hex.slice(0, 8))
  expect(JSON.stringify(storage.secret)).toBe('{}')
  await storage.close()
})

test('who waits for another process’s transaction keeps nobody else waiting, and gives up in time', async () => {
  const storage = await openStorage({ data: folder })
  const other = new DatabaseSync(join(folder, 'tidegate.db'))
  const insert = (id: string) => storage.db.insertInto('tenants').values({ id, name: id, created_at: 1 }).execute()
  other.exec('begin immediate')
  let done = false
  const waiting = insert('a').then(() => {
    done = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(done).toBe(false)
  other.exec('commit')
  await waiting
  other.exec('begin immediate')
  const [first, second] = [insert('b'), insert('c')]
  await Promise.all([expect(first).rejects.toThrow('locked'), expect(second).rejects.toThrow('locked')])
  other.exec('commit')
  await insert('d')
  other.close()
  await storage.close()
}, 30_000)
