import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage } from './storage.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tidegate-storage-')), 'data')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('a data folder', () => {
  test('is made for its owner alone, and so is every file in it', async () => {
    const storage = await openStorage(folder)
    expect(modeOf(folder)).toBe('700')
    expect(readdirSync(folder)).toContain('secret')
    for (const name of readdirSync(folder)) expect(`${name} ${modeOf(join(folder, name))}`).toBe(`${name} 600`)
    await storage.close()
  })

  test('keeps its secret and its rows from one opening to the next', async () => {
    const first = await openStorage(folder)
    await first.db.insertInto('tenants').values({ id: 'acme', name: 'acme', created_at: 1 }).execute()
    await first.close()
    const second = await openStorage(folder)
    expect(second.secret.equals(first.secret)).toBe(true)
    const rows = await second.db.selectFrom('tenants').select('id').orderBy('id').execute()
    expect(rows.map((row) => row.id)).toEqual(['acme', 'default'])
    await second.close()
  })

  test('opens in several processes at once, with one secret', async () => {
    const open = `
      const { openStorage } = await import(${JSON.stringify(join(import.meta.dirname, 'storage.ts'))})
      const storage = await openStorage(${JSON.stringify(folder)})
      process.stdout.write(storage.secret.export().toString('hex'))
      await storage.close()`
    const openings = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', open]),
    )
    const secrets = (await Promise.all(openings)).map((result) => result.stdout)
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(readdirSync(folder).sort()).toEqual(['secret', 'tidegate.db'])
  })

  test('is refused when its secret is another one, or none', async () => {
    await (await openStorage(folder)).close()
    writeFileSync(join(folder, 'secret'), Buffer.alloc(32, 7))
    await expect(openStorage(folder)).rejects.toThrow(/does not belong to the database/)
    writeFileSync(join(folder, 'secret'), 'short')
    await expect(openStorage(folder)).rejects.toThrow(OperatorError)
  })

  test('is refused with one clear sentence where no folder can be', async () => {
    const file = join(folder, '..', 'a-file')
    writeFileSync(file, '')
    await expect(openStorage(join(file, 'data'))).rejects.toThrow(/data folder .* cannot be used/)
  })

  test('is refused when a newer version made it', async () => {
    const storage = await openStorage(folder)
    await storage.db
      .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
      .insertInto('kysely_migration')
      .values({ name: '9999-later', timestamp: '' })
      .execute()
    await storage.close()
    await expect(openStorage(folder)).rejects.toThrow(/another version of Tidegate/)
  })
})

test('the reader sees at once what another connection committed, and a transaction that failed leaves nothing', async () => {
  const storage = await openStorage(folder)
  const other = await openStorage(folder)
  const count = other.reader.prepare('select count(*) as n from tenants')
  expect(count.get()).toEqual({ n: 1 })
  await storage.db.insertInto('tenants').values({ id: 'a', name: 'a', created_at: 1 }).execute()
  expect(count.get()).toEqual({ n: 2 })
  const failing = storage.db.transaction().execute(async (trx) => {
    await trx.insertInto('tenants').values({ id: 'b', name: 'b', created_at: 1 }).execute()
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(count.get()).toEqual({ n: 2 })
  await storage.close()
  await other.close()
})

test('a printed secret shows nothing of itself', async () => {
  const storage = await openStorage(folder)
  const hex = storage.secret.export().toString('hex')
  expect(inspect(storage.secret, { depth: 9, showHidden: true })).not.toContain(hex.slice(0, 8))
  expect(JSON.stringify(storage.secret)).toBe('{}')
  await storage.close()
})
