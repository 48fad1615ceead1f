import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { onEachStore, temporaryPlace } from '../../test/stores.ts'
import { openLedger } from '../ledger/ledger.ts'
import { comeAlive } from '../ledger/liveness.ts'
import { sameThread } from '../ledger/test-line.ts'
import { migrateTo } from '../storage/migrate.ts'
import { migrations } from '../storage/migrations.ts'
import type { Schema } from '../storage/schema.ts'
import { openSecret } from '../storage/secret.ts'
import { sqliteDialect } from '../storage/sqlite.ts'
import { openDatabase, openStorage, type Place } from '../storage/storage.ts'
import { openPostgresSource, openSqliteSource } from '../storage/transfer/source.ts'
import { copiedTables, leftTables } from '../storage/transfer/tables.ts'
import { openKeys } from '../tenancy/keys.ts'
import { run } from './main.ts'

async function tidegate({ data, databaseUrl }: Place, ...args: string[]) {
  let said = ''
  const say = (line: string) => {
    said += `${line}\n`
  }
  const code = await run(args, {
    env: { TIDEGATE_DATA: data, TIDEGATE_DATABASE_URL: databaseUrl },
    cwd: data,
    print: say,
    tell: say,
    overwrite: () => {},
    interactive: false,
    colours: false,
  })
  return { code, said }
}

/** What is hard to carry: in quotes of any language, in no character set, beyond what a double holds. */
const oddText = `"'\\{},\n\tNULL \\N \\x41 %s $1 é 漢 😀`
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const large = 9_223_372_036_854_775_807n

/** @returns the secret of a key in it */
async function fill(place: Place): Promise<string> {
  const secret =
    (await tidegate(place, 'keys', 'create', '--name', oddText, '--tenant', 'acme')).said.split('\n')[0] ?? ''
  await tidegate(place, 'tenants', 'top-up', 'acme', '25', '--note', oddText)
  const ledger = await openLedger(place, sameThread)
  const asked = {
    tenant: 'acme',
    key: 'k',
    user: null,
    model: 'm',
    price: null,
    limits: {},
    promptTokensMax: 9,
    maxTokens: 9,
  }
  const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2, reasoningTokens: 0 }
  for (const request of ['r1', 'r2', 'open']) await ledger.hold({ ...asked, request, at: 0 })
  for (const request of ['r1', 'r2']) await ledger.settle({ request, at: 1, usage, outcome: 'stop' })
  await ledger.close()
  const { db, close } = await openDatabase(place)
  await db
    .insertInto('kept_answers')
    .values([
      { lookup: everyByte, body: new Uint8Array(), node: 'n', sealed: null, created_at: 1 },
      {
        lookup: Uint8Array.of(0),
        body: everyByte,
        node: 'n',
        sealed: new Uint8Array(5_000_000).fill(7),
        created_at: 2,
      },
      { lookup: Uint8Array.of(1), body: everyByte, node: 'n', sealed: everyByte, created_at: 3 },
    ])
    .execute()
  await sql`insert into counters values ('acme', 'ever', ${large}), ('acme', 'day', ${-large})`.execute(db)
  // More than are carried at once.
  const many = Array.from({ length: 2_500 }, (_, amount) => ({ scope: 'many', window: String(amount), amount }))
  for (let from = 0; from < many.length; from += 500)
    await db
      .insertInto('counters')
      .values(many.slice(from, from + 500))
      .execute()
  await db.insertInto('check_reports').values({ engine: '', at: 0, report: oddText }).execute()
  await db.insertInto('nodes').values({ node: 'n', beat: 3 }).execute()
  await close()
  return secret
}

/** All that is in it, whatever it lies in. */
async function contents({ data, databaseUrl }: Place) {
  const source = await (databaseUrl === undefined ? openSqliteSource(data) : openPostgresSource(databaseUrl))
  const tables = new Map<string, readonly string[]>()
  for (const table of copiedTables) {
    const lines: string[] = []
    for await (const rows of source.rows(table))
      for (const row of rows) {
        const values = Object.entries(row).map(([column, value]) => [
          column,
          value instanceof Uint8Array
            ? createHash('sha256').update(value).digest('hex')
            : value === null
              ? null
              : `${value}`,
        ])
        lines.push(JSON.stringify(values.sort()))
      }
    tables.set(table, lines.sort())
  }
  await source.close()
  return tables
}

onEachStore((store) => {
  test('a backup fills an empty database of either kind with all that was there, and the service goes on with it', {
    timeout: 120_000,
  }, async () => {
    const place = await temporaryPlace()
    const secret = await fill(place)
    const before = await contents(place)
    expect(before.get('counters')).toContain(
      JSON.stringify([
        ['amount', `${large}`],
        ['scope', 'acme'],
        ['window', 'ever'],
      ]),
    )
    const folder = join(place.data, 'backup')
    const taken = await tidegate(place, 'backup', 'backup')
    expect([taken.code, taken.said]).toEqual([0, expect.stringContaining('its ledger is whole (3 entries)')])
    expect(await contents({ data: folder })).toEqual(before)
    expect(readdirSync(folder).sort()).toEqual(['secret', 'tidegate.db'])
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600])

    for (const kind of ['sqlite', 'postgres'] as const) {
      const into = await temporaryPlace({ bare: true, store: kind })
      const restored = await tidegate(into, 'restore', folder)
      expect([kind, restored.code, restored.said]).toEqual([
        kind,
        0,
        expect.stringContaining('its ledger is whole (3 entries)'),
      ])
      expect(await contents(into)).toEqual(before)
      const storage = await openStorage(into)
      onTestFinished(() => storage.close())
      expect(await storage.db.selectFrom('nodes').selectAll().execute()).toEqual([])
      expect((await openKeys(storage).authenticate(`Bearer ${secret}`)).tenant).toBe('acme')
      // What comes next finds its place: numbers, keys, indexes.
      await tidegate(into, 'tenants', 'top-up', 'acme', '1')
      await tidegate(into, 'keys', 'create', '--name', 'next', '--tenant', 'acme')
      expect((await tidegate(into, 'ledger', 'verify')).said).toBe('The ledger is whole: 4 entries of 1 tenant(s).\n')
    }
  })

  test('what is not empty is not touched, and of what cannot be copied nothing is left', {
    timeout: 120_000,
  }, async () => {
    const from = await temporaryPlace({ store: 'sqlite' })
    await fill(from)
    const into = await temporaryPlace({ bare: true })
    const restore = () => tidegate(into, 'restore', from.data)
    const refused = async (why: RegExp) =>
      expect(await restore()).toEqual({ code: 1, said: expect.stringMatching(why) })
    const nothingThere = async () => {
      expect(readdirSync(into.data)).toEqual([])
      if (store === 'sqlite') return
      const source = openPostgresSource(into.databaseUrl ?? '')
      await expect(source).rejects.toThrow('kysely_migration')
    }
    const change = (statement: string) => {
      const database = new DatabaseSync(join(from.data, 'tidegate.db'))
      database.exec(statement)
      database.close()
    }

    // A service that would go on charging there.
    const alive = comeAlive(from.data, 'node')
    await refused(/^A service runs on /)
    alive.end()

    change(`insert into kysely_migration values ('9999-later', 'now')`)
    await refused(/another version of Tidegate/)
    await nothingThere()
    change(`delete from kysely_migration where name = '9999-later'`)

    change('update ledger set amount = amount - 1 where seq = 2')
    await refused(/The ledger of the copy is not whole: acme: entry 2/)
    await nothingThere()
    change('update ledger set amount = amount + 1 where seq = 2')

    if (store === 'postgres') {
      change(`insert into check_reports values ('zero', 1, 'a' || char(0))`)
      await refused(/^The table 'check_reports' could not be copied: /)
      await nothingThere()
      change(`delete from check_reports where engine = 'zero'`)
    }

    const another = join(into.data, 'secret')
    openSecret(another)
    await refused(/is not the one of this database/)
    rmSync(another)
    await nothingThere()

    expect((await restore()).code).toBe(0)
    const before = await contents(into)
    await refused(/is there already|has tables already/)
    expect(await contents(into)).toEqual(before)
  })
})

test('a secret that lies elsewhere must be there first', async () => {
  const from = await temporaryPlace()
  await fill(from)
  rmSync(join(from.data, 'secret'))
  const into = await temporaryPlace({ bare: true })
  expect((await tidegate(into, 'restore', from.data)).said).toMatch(/^The secret of this database is neither /)
  expect(existsSync(join(into.data, 'tidegate.db'))).toBe(false)
  expect((await tidegate(into, 'restore', join(from.data, 'none'))).said).toMatch(/^There is no database in /)
})

test('what an earlier version has left is brought up to date on its way, and stays as it is', async () => {
  const from = await temporaryPlace()
  const old = join(from.data, 'old')
  mkdirSync(old)
  openSecret(join(old, 'secret'))
  const steps = Object.keys(migrations)
  const database = new DatabaseSync(join(old, 'tidegate.db'))
  const db = new Kysely<Schema>({ dialect: sqliteDialect(database) })
  await migrateTo(db, steps.slice(0, 4))
  database.exec(`insert into accounts (tenant) values ('default')`)
  await db.destroy()
  const into = await temporaryPlace({ bare: true })
  expect(await tidegate(into, 'restore', old)).toMatchObject({ code: 0 })
  const migrated = await openSqliteSource(into.data)
  expect(migrated.migrations).toEqual(steps)
  expect(await migrated.count('accounts')).toBe(1)
  await migrated.close()
  const left = await openSqliteSource(old)
  expect(left.migrations).toEqual(steps.slice(0, 4))
  await left.close()
})

test('every table is one that is copied or one that is left', async () => {
  const place = await temporaryPlace()
  await (await openStorage(place)).close()
  const source = await openSqliteSource(place.data)
  const tables = (await source.tables()).filter((name) => !/^(kysely|sqlite)_/.test(name))
  await source.close()
  expect(tables.sort()).toEqual([...copiedTables, ...Object.keys(leftTables)].sort())
})
