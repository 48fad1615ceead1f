import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryStorage } from '../../test/stores.ts'
import { openLedger } from './ledger.ts'
import { comeAlive, deadNodes, knownNodes } from './liveness.ts'
import { openPrices } from './prices.ts'
import { openWriter } from './writer.ts'
import { LedgerError } from './writer-line.ts'

const order = (request: string) => ({
  ...{ request, tenant: 'default', key: 'k', user: null, model: 'm', price: null, at: 1, limits: {} },
  ...{ promptTokensMax: 100, maxTokens: 50 },
})

async function opened() {
  const { place, open } = await temporaryStorage()
  const storage = await open()
  const ledger = await openLedger(place)
  onTestFinished(() => ledger.close())
  return { folder: place.data, place, storage, ledger }
}

test('a database that was moved away takes no more orders; put back, it goes on', async () => {
  const { folder, ledger } = await opened()
  await ledger.hold(order('r1'))
  const path = join(folder, 'tidegate.db')
  renameSync(path, `${path}.away`)
  await expect(ledger.hold(order('r2'))).rejects.toThrow(LedgerError)
  writeFileSync(path, '')
  await expect(ledger.hold(order('r2'))).rejects.toThrow(/put it back/)
  renameSync(`${path}.away`, path)
  expect(await ledger.hold(order('r2'))).toMatchObject({ granted: true })
})

test('who lost its file among the nodes makes it again; who never does is taken for dead', async () => {
  const { folder, place, storage, ledger } = await opened()
  await ledger.hold(order('r1'))
  let now = 0
  const writer = await openWriter({ place, node: 'writer' }, () => now)
  onTestFinished(() => writer.end())
  const alive = comeAlive(folder, 'other')
  rmSync(join(folder, 'nodes'), { recursive: true })
  await writer.recover()
  alive.stay()
  expect(knownNodes(folder)).toEqual(['other'])
  expect(deadNodes(folder, 'writer')).toEqual([])
  now = 29_000
  await writer.recover()
  expect(await storage.db.selectFrom('holds').select('request').execute()).toEqual([{ request: 'r1' }])
  now = 31_000
  await writer.recover()
  expect(await storage.db.selectFrom('holds').select('request').execute()).toEqual([])
  alive.end()
})

test('what others write is seen by the next order: limits, and the window of a budget', async () => {
  const { storage, ledger } = await opened()
  const perToken = { input: 1_000_000n, cachedInput: 1_000_000n, output: 1_000_000n, currency: 'USD' }
  const price = (await openPrices(storage, [{ model: 'm', ...perToken }], 1)).get('m')?.id ?? null
  const limit = (limits: string) =>
    storage.db.updateTable('accounts').set({ limits }).where('tenant', '=', 'default').execute()
  const granted = async (request: string) => (await ledger.hold({ ...order(request), price })).granted
  expect(await granted('r1')).toBe(true)
  await limit('{"concurrency":1}')
  expect(await granted('r2')).toBe(false)
  await limit('{}')
  expect(await granted('r3')).toBe(true)

  const window = { scope: 'tenant:default', window: 'spend/total/0', amount: 1_000 }
  await storage.db.insertInto('counters').values(window).execute()
  const usage = { promptTokens: 10, cachedTokens: 0, completionTokens: 5, reasoningTokens: 0 }
  await ledger.settle({ request: 'r3', at: 2, usage, outcome: 'stop' })
  const spent = await storage.db.selectFrom('counters').select('amount').where('window', '=', 'spend/total/0').execute()
  // A hold of 150 tokens came back, and 15 were spent.
  expect(spent.map(({ amount }) => Number(amount))).toEqual([1_000 - 150 + 15])
})

test('holds alone do not wait for the disk, everything else does, and what comes with it', async () => {
  const { place, open } = await temporaryStorage()
  await open()
  const writer = await openWriter({ place, node: 'writer' })
  onTestFinished(() => writer.end())
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  onTestFinished(() => exec.mockRestore())
  let setting = ''
  /** How the transaction of these was committed. */
  const committed = async (...orders: Parameters<typeof writer.write>[0][number]['order'][]) => {
    exec.mockClear()
    const answers = await writer.write(orders.map((one, id) => ({ id, order: one })))
    expect(answers.map(({ error }) => error)).toEqual(orders.map(() => undefined))
    for (const [text] of exec.mock.calls) {
      if (text.startsWith('pragma synchronous')) setting = text
      if (text === 'commit') return setting
    }
    return 'not at all'
  }
  const hold = (request: string) => ({ type: 'hold', node: 'writer', ...order(request) }) as const
  const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, reasoningTokens: 0 }
  const settle = (request: string) => ({ type: 'settle', request, at: 2, usage, outcome: 'stop' }) as const
  expect(await committed(hold('r1'), hold('r2'))).toBe('pragma synchronous = normal')
  expect(await committed({ type: 'progress', counts: [['r1', usage]] })).toBe('pragma synchronous = full')
  expect(await committed(hold('r3'))).toBe('pragma synchronous = normal')
  expect(await committed(settle('r1'))).toBe('pragma synchronous = full')
  expect(await committed(settle('r2'))).toBe('pragma synchronous = full')
  expect(await committed(hold('r4'), settle('r3'))).toBe('pragma synchronous = full')
})
