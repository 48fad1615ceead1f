import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scratch } from '../../test/scratch.ts'
import { onEachStore, temporaryPlace } from '../../test/stores.ts'
import { openLedger } from '../ledger/ledger.ts'
import { openStorage, type Place } from '../storage/storage.ts'
import { openKeys } from '../tenancy/keys.ts'
import { run } from './main.ts'

let cwd: string
let place: Place
beforeEach(() => {
  cwd = mkdtempSync(join(scratch, 'tidegate-ledger-cli-'))
  place = { data: join(cwd, 'data') }
})
afterEach(() => rmSync(cwd, { recursive: true }))

async function tidegate(...args: string[]) {
  const said = { stdout: '', stderr: '' }
  const print = (line: string) => {
    said.stdout += `${line}\n`
  }
  const tell = (line: string) => {
    said.stderr += `${line}\n`
  }
  const { data, databaseUrl } = place
  const env = { TIDEGATE_DATA: data, TIDEGATE_DATABASE_URL: databaseUrl }
  const code = await run(args, { env, cwd, print, tell, overwrite: () => {}, interactive: false, colours: false })
  return { code, ...said }
}

onEachStore(() => {
  beforeEach(async () => {
    place = await temporaryPlace()
  })

  test('a tenant is made, topped up and shown; amounts are exact', async () => {
    await tidegate('tenants', 'create', 'acme')
    expect(await tidegate('tenants', 'top-up', 'acme', '12.5', '--note', 'invoice 7')).toMatchObject({
      code: 0,
      stdout: "The balance of 'acme' is 12.500000.\n",
    })
    expect((await tidegate('tenants', 'top-up', 'acme', '--', '-0.000001')).stdout).toContain('12.499999')
    await tidegate('tenants', 'create', 'rich')
    await tidegate('tenants', 'top-up', 'rich', '1')
    const storage = await openStorage(place)
    await sql`update accounts set balance = 9223372036854775000 where tenant = 'rich'`.execute(storage.db)
    expect((await tidegate('tenants', 'top-up', 'rich', '0.001')).stderr).toMatch(/^Nothing was entered: .+\n$/)
    await storage.close()
    await tidegate('tenants', 'prepaid', 'acme', 'on')
    expect((await tidegate('tenants', 'list')).stdout).toMatch(/^acme +12\.499999 +0\.000000 +USD +yes$/m)
    for (const [words, problem] of [
      [['top-up', 'acme', '1,5'], 'an amount such as'],
      [['top-up', 'acme', '1.2345678'], 'an amount such as'],
      [['top-up', 'nobody', '1'], "There is no tenant 'nobody'"],
      [['prepaid', 'acme', 'maybe'], 'on or off'],
      [['drop', 'acme'], "There is no 'tidegate tenants drop'"],
    ] as const) {
      const failed = await tidegate('tenants', ...words)
      expect([words, failed.code, failed.stderr]).toEqual([words, expect.any(Number), expect.stringContaining(problem)])
      expect(failed.code).toBeGreaterThan(0)
    }
  })

  test('limits of a key and of a tenant are set, changed and taken away', async () => {
    await tidegate('keys', 'create', '--name', 'x', '--tenant', 'acme', '--budget-month', '20', '--concurrency', '3')
    const id = /^(key_\S+)/m.exec((await tidegate('keys', 'list')).stdout)?.[1] ?? ''
    const limited = await tidegate('keys', 'limit', id, '--requests-per-minute', '60', '--concurrency', 'none')
    expect(limited.stdout).toBe(`${id}: {"requestsPerMinute":60,"budget":{"month":"20"}}\n`)
    expect((await tidegate('tenants', 'limit', 'acme', '--tokens-per-minute', '9000')).stdout).toBe(
      'acme: {"tokensPerMinute":9000}\n',
    )
    expect((await tidegate('keys', 'limit', id, '--budget-day', 'much')).stderr).toContain(
      '--budget-day must be an amount',
    )
    expect((await tidegate('keys', 'limit', 'key_0', '--budget-day', '1')).stderr).toContain("There is no key 'key_0'")
  })

  test('a project is made, limited, renamed and archived, and keys are made in it', async () => {
    await tidegate('tenants', 'create', 'acme')
    const made = await tidegate('projects', 'create', 'web', '--tenant', 'acme', '--budget-month', '20')
    const id = made.stdout.trim()
    expect([made.code, id]).toEqual([0, expect.stringMatching(/^proj_[0-9a-f]{16}$/)])
    const words = ['limit', 'web', '--tenant', 'acme', '--budget-month', 'none', '--concurrency', '3']
    expect((await tidegate('projects', ...words)).stdout).toBe(`${id}: {"concurrency":3}\n`)
    const key = await tidegate('keys', 'create', '--name', 'ci', '--project', 'web', '--tenant', 'acme')
    expect(key.stderr).toContain("('ci', tenant acme, project web) was made")
    expect((await tidegate('keys', 'create', '--name', 'by id', '--project', id)).stderr).toContain('tenant acme,')
    expect((await tidegate('keys', 'list')).stdout).toMatch(/ ci +acme +web +sk-/)
    await tidegate('projects', 'rename', id, 'site')
    await tidegate('projects', 'archive', id)
    expect((await tidegate('projects', 'list')).stdout).toMatch(
      /^proj_\w+ +acme +site +\{"concurrency":3\} +archived$/m,
    )
    expect((await tidegate('projects', 'list', '--tenant', 'default')).stdout).not.toContain('site')
    for (const [words, problem] of [
      [['projects', 'create', 'site', '--tenant', 'acme'], "There is a project 'site' already"],
      [['projects', 'create', 'x', '--tenant', 'nobody'], "There is no tenant 'nobody'"],
      [['projects', 'create'], 'A project needs a name'],
      [['projects', 'archive', 'web'], "The tenant 'default' has no project 'web'"],
      [['projects', 'drop', id], "There is no 'tidegate projects drop'"],
      [['keys', 'create', '--name', 'x', '--project', id], 'is archived: restore it first'],
      [['keys', 'create', '--name', 'x', '--project', 'none'], "The tenant 'default' has no project 'none'"],
    ] as const) {
      const failed = await tidegate(...words)
      expect([words, failed.code, failed.stderr]).toEqual([words, expect.any(Number), expect.stringContaining(problem)])
      expect(failed.code).toBeGreaterThan(0)
    }
    expect((await tidegate('projects', 'restore', id)).stderr).toBe(`Project ${id} ('site') is restored.\n`)
    expect((await tidegate('keys', 'create', '--name', 'again', '--project', id)).code).toBe(0)
  })

  test('the ledger is exported as CSV and as JSON lines, and what was changed in it is found', async () => {
    await tidegate('tenants', 'create', 'acme')
    await tidegate('tenants', 'top-up', 'acme', '1', '--note', '=2+2, "quoted"')
    const ledger = await openLedger(place)
    const request = {
      request: 'req_1',
      tenant: 'acme',
      key: 'key_1',
      user: null,
      model: 'm',
      price: null,
      at: 0,
      limits: {},
      project: { id: 'proj_1', limits: {} },
    }
    await ledger.hold({ ...request, promptTokensMax: 10, maxTokens: 10 })
    const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2, reasoningTokens: 0 }
    await ledger.settle({ request: 'req_1', at: 0, usage, outcome: 'stop' })
    await ledger.close()

    const [head, first, second] = (await tidegate('ledger', 'export')).stdout.split('\n')
    expect(head).toMatch(/^tenant,seq,at,began,kind,amount,balance,/)
    expect(first).toMatch(/^acme,1,[^,]*,,top-up,1\.000000,1\.000000,USD,.*,"'=2\+2, ""quoted""",[0-9a-f]{64},$/)
    expect(second).toMatch(
      /^acme,2,1970-01-01T00:00:00\.000Z,1970-01-01T00:00:00\.000Z,usage,0\.000000,1\.000000,USD,req_1,key_1,,m,,3,1,2,0,false,stop,[0-9a-f]{64},proj_1$/,
    )
    const lines = (await tidegate('ledger', 'export', '--format', 'jsonl', '--tenant', 'acme')).stdout
      .trim()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([1, 2])
    expect((await tidegate('ledger', 'export', '--tenant', 'default', '--format', 'jsonl')).stdout).toBe('')

    expect((await tidegate('ledger', 'verify')).stdout).toBe('The ledger is whole: 2 entries of 1 tenant(s).\n')
    const storage = await openStorage(place)
    await sql`update ledger set completion_tokens = 1 where seq = 2`.execute(storage.db)
    await storage.close()
    const broken = await tidegate('ledger', 'verify')
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('acme: entry 2 was changed')])
  })
})

test('a backup is taken while the ledger is written, is whole, and is a data folder to start from', async () => {
  const secret = (await tidegate('keys', 'create', '--name', 'x', '--tenant', 'acme')).stdout.trim()
  await tidegate('tenants', 'top-up', 'acme', '3')
  const ledger = await openLedger(place)
  const writing = Array.from({ length: 50 }, (_, i) => ledger.topUp({ tenant: 'acme', at: i, amount: 1n, note: '' }))
  const taken = await tidegate('backup', 'copy')
  await Promise.all(writing)
  await ledger.close()
  expect([taken.code, taken.stderr]).toEqual([0, expect.stringMatching(/its ledger is whole \(\d+ entries\)/)])
  const storage = await openStorage({ data: join(cwd, 'copy') })
  expect((await openKeys(storage).authenticate(`Bearer ${secret}`)).tenant).toBe('acme')
  await storage.close()
  expect((await tidegate('tenants', 'list', '--data', 'copy')).stdout).toMatch(/^acme +3\./m)
  expect((await tidegate('backup', 'copy')).stderr).toContain('is not empty')
})

test('of a server that cannot be reached the refusal says so, without its password', async () => {
  place = { ...place, databaseUrl: 'postgres://someone:s3cret@127.0.0.1:1/none' }
  const refused = await tidegate('backup', 'copy')
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/^(?!.*s3cret)The database of TIDEGATE_DATABASE_URL cannot be used/),
  ])
})
