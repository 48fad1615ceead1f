/** The writer in a thread of its own: what waits for the disk here keeps no stream waiting. */
import { parentPort, workerData } from 'node:worker_threads'
import { openWriter, type ToWriter, type WriterStart } from './writer.ts'

const recoverEveryMs = 5_000
const sweepEveryMs = 60_000

const writer = await openWriter(workerData as WriterStart)
let waiting: ToWriter[] = []
/** The last transaction had many orders; then waiting a little makes the next one larger, and spares a flush of the disk. */
let busy = false
const busyOrders = 4
const gatherMs = 1

/** Ends when all that was asked of the writer is done. */
let last: Promise<unknown> = Promise.resolve()
function inTurn(work: () => Promise<void>): void {
  last = last.then(work)
}

parentPort?.on('message', (message: readonly ToWriter[] | 'end') => {
  if (message === 'end') return end()
  if (waiting.length === 0) {
    if (busy) setTimeout(() => inTurn(flush), gatherMs)
    else setImmediate(() => inTurn(flush))
  }
  waiting.push(...message)
})

async function flush(): Promise<void> {
  const orders = waiting
  waiting = []
  busy = orders.length >= busyOrders
  if (orders.length > 0) parentPort?.postMessage(await writer.write(orders))
}

function end(): void {
  clearInterval(recovery)
  clearInterval(sweeping)
  inTurn(flush)
  inTurn(writer.end)
  inTurn(async () => parentPort?.close())
}

inTurn(writer.recover)
const recovery = setInterval(() => inTurn(writer.recover), recoverEveryMs)
const sweeping = setInterval(() => inTurn(writer.sweep), sweepEveryMs)
inTurn(async () => parentPort?.postMessage('ready'))
