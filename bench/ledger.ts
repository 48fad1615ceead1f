/**
 * What the ledger takes: node bench/ledger.ts [--data FOLDER] [--seconds S]. Two tables: the writer's CPU time for a hold and its settlement by how many orders share a
 * transaction, and how long an answer waits for each by how many answers there are at once. FOLDER decides which disk it is.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { HoldOrder, SettleOrder } from '../server/src/ledger/book.ts'
import { openWriter, type ToWriter } from '../server/src/ledger/writer.ts'
import { toThread } from '../server/src/ledger/writer-line.ts'
import { openStorage } from '../server/src/storage/storage.ts'
import { at } from './report.ts'

const { values: flags } = parseArgs({
  options: { data: { type: 'string', default: tmpdir() }, seconds: { type: 'string', default: '4' } },
})
const milliseconds = 1_000 * Number(flags.seconds)

let requests = 0
const nextRequest = () => `req_${(requests++).toString(16).padStart(24, '0')}`
const who = { tenant: 'default', key: 'key', user: null, model: 'm', node: 'bench', price: null, limits: {} }
const hold = (request: string): HoldOrder => ({
  ...{ type: 'hold', request, at: Date.now(), promptTokensMax: 100, maxTokens: 1_000 },
  ...who,
})
const usage = { promptTokens: 10, cachedTokens: 0, completionTokens: 20, reasoningTokens: 0 }
const settle = (request: string): SettleOrder => ({ type: 'settle', request, at: Date.now(), usage, outcome: 'stop' })
const numbered = (orders: readonly ToWriter['order'][]) => orders.map((order, id) => ({ id, order }))

/** @returns microseconds of CPU, and milliseconds, for a hold and its settlement */
async function pairs(data: string, together: number): Promise<{ readonly cpu: number; readonly ms: number }> {
  const writer = await openWriter({ place: { data }, node: who.node })
  const pair = async () => {
    const names = Array.from({ length: together }, nextRequest)
    for (const make of [hold, settle])
      for (const { error } of await writer.write(numbered(names.map((name) => make(name)))))
        if (error) throw new Error(error)
  }
  const during = async (time: number) => {
    const [began, before] = [performance.now(), process.cpuUsage()]
    let count = 0
    for (; performance.now() - began < time; count++) await pair()
    const { user, system } = process.cpuUsage(before)
    return { cpu: (user + system) / count / together, ms: (performance.now() - began) / count }
  }
  await during(milliseconds / 2)
  const measured = await during(milliseconds)
  await writer.end()
  return measured
}

/** Answers of some 10 ms, so many at once. */
async function waits(data: string, atOnce: number) {
  const line = await toThread({ place: { data }, node: who.node })
  const [holds, settles]: [number[], number[]] = [[], []]
  const timed = async (order: HoldOrder | SettleOrder, into: number[]) => {
    const began = performance.now()
    await line.send(order)
    into.push(performance.now() - began)
  }
  const end = performance.now() + milliseconds
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < end) {
        const request = nextRequest()
        await timed(hold(request), holds)
        await pause(5 + Math.random() * 10)
        await timed(settle(request), settles)
      }
    }),
  )
  await line.end()
  return { rate: holds.length / (milliseconds / 1_000), hold: shown(holds), settle: shown(settles) }
}

const shown = (times: readonly number[]): string => {
  const sorted = times.toSorted((a, b) => a - b)
  return `${at(sorted, 0.5).toFixed(2)} | ${at(sorted, 0.99).toFixed(2)}`
}

const data = mkdtempSync(join(flags.data, 'tidegate-bench-ledger-'))
try {
  await (await openStorage({ data })).close()
  console.log('| orders a transaction | CPU for hold and settlement | two transactions |\n| --- | --- | --- |')
  for (const together of [1, 4, 16, 64]) {
    const { cpu, ms } = await pairs(data, together)
    console.log(`| ${together} | ${cpu.toFixed(0)} µs | ${ms.toFixed(2)} ms |`)
  }
  console.log('\n| answers at once | a second | hold, median | p99, ms | settlement, median | p99, ms |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const atOnce of [1, 4, 16, 64]) {
    const { rate, ...times } = await waits(data, atOnce)
    console.log(`| ${atOnce} | ${rate.toFixed(0)} | ${times.hold} | ${times.settle} |`)
  }
} finally {
  rmSync(data, { recursive: true, force: true })
}
