import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { entryOf } from '../request-log/log-fixture.ts'
import { openLogWriter } from '../request-log/writer.ts'
import { run } from './main.ts'

const dayMs = 24 * 60 * 60_000
const at = Date.now() - 60_000

/** A log of three requests, one of which failed. @returns what runs the command on it */
async function logged() {
  const { place, open } = await temporaryStorage()
  const { db } = await open()
  const forever = { requestsMs: Infinity, recordingsMs: Infinity, auditMs: Infinity, sumsMs: Infinity }
  const writer = openLogWriter(db, forever, () => Buffer.alloc(0))
  await writer.write([
    entryOf({ id: 'req_1', at, userId: 'anna' }),
    entryOf({ id: 'req_2', at: at + 1, model: 'other' }),
    entryOf({ id: 'req_3', at: at + 2, tenant: 'acme', failed: true, status: 503, outcome: 'engine-lost', cost: 0n }),
  ])
  return async (...args: string[]) => {
    const said = { stdout: '', stderr: '' }
    const code = await run(args, {
      env: { TIDEGATE_DATA: place.data, TIDEGATE_DATABASE_URL: place.databaseUrl },
      cwd: place.data,
      print: (line) => {
        said.stdout += `${line}\n`
      },
      tell: (line) => {
        said.stderr += `${line}\n`
      },
      overwrite: () => undefined,
      interactive: false,
      colours: false,
    })
    return {
      code,
      ...said,
      json: () =>
        said.stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
    }
  }
}

onEachStore(() => {
  test('requests are listed newest first, filtered, as a table and as JSON', async () => {
    const tidegate = await logged()
    const { stdout } = await tidegate('requests')
    expect([...stdout.matchAll(/req_\d/g)].map(([id]) => id)).toEqual(['req_3', 'req_2', 'req_1'])
    expect(stdout).toMatch(/^CAME +ID +TENANT/)
    expect((await tidegate('requests', '--failed', '--json')).json()).toMatchObject([
      { id: 'req_3', tenant: 'acme', status: 503, outcome: 'engine-lost', cost: '0.000000' },
    ])
    for (const [filter, ids] of [
      [['--user', 'anna'], ['req_1']],
      [['--model', 'other'], ['req_2']],
      [['--tenant', 'acme'], ['req_3']],
      [['--limit', '1'], ['req_3']],
      [
        ['--from', '1h'],
        ['req_3', 'req_2', 'req_1'],
      ],
    ] as const)
      expect((await tidegate('requests', '--json', ...filter)).json().map(({ id }) => id)).toEqual(ids)
    expect((await tidegate('requests', '--to', '1h')).stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  test('usage is shown by what it is to be told apart by', async () => {
    const tidegate = await logged()
    const today = new Date(at + 300 - ((at + 300) % dayMs)).toISOString()
    const [one, two] = (await tidegate('usage', '--by', 'tenant', '--from', '2d', '--step', 'all', '--json')).json()
    expect(one).toMatchObject({ tenant: 'acme', requests: 1, errors: 1 })
    expect(two).toMatchObject({ tenant: 'default', requests: 2, errors: 0, input: 24, cost: '0.000080' })
    const days = (await tidegate('usage', '--tenant', 'default', '--json')).json()
    expect(days).toMatchObject([{ time: today, requests: 2 }])
    expect((await tidegate('usage', '--by', 'model')).stdout).toMatch(/^TIME +REQUESTS +ERRORS .*MODEL$/m)
  })

  test.each([
    [['requests', '--limit', '0'], '--limit must be a whole number from 1'],
    [['requests', '--from', 'yesterday'], '--from must be a day or a time such as'],
    [['usage', '--by', 'colour'], '--by is one or more of tenant,'],
    [['usage', '--step', 'week'], '--step is hour, day, month, all'],
    [['usage', '--from', '1h', '--to', '2h'], '--from must be before --to'],
  ])('%s is answered with what is wrong', async (words, problem) => {
    const tidegate = await logged()
    expect(await tidegate(...words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(problem) })
  })
})
