/** How orders reach the writer's thread, and how that one is replaced when it dies. */
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '../lib/operator-error.ts'
import { Roster } from '../lib/roster.ts'
import { startWritingThread } from '../lib/writing-thread.ts'
import type { Order } from './book.ts'
import type { FromWriter, ToWriter, WriterStart } from './writer.ts'

/** The order was not carried out, as far as anybody knows. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  /** The writer died over it, or its connection was lost, and nobody knows how far it came; else nothing of it was written. */
  readonly perhapsWritten: boolean

  constructor(message: string, perhapsWritten = false) {
    super(message)
    this.perhapsWritten = perhapsWritten
  }
}

export interface Line {
  /** @throws LedgerError */
  send(order: Order): Promise<unknown>
  end(): Promise<void>
}

/** Between a writer's death and the next one; twice as long each time, so that one that cannot live does not keep the machine busy. */
const restartMs = { first: 100, most: 5_000 }

/** @throws LedgerError when the first writer cannot begin; later ones are tried until one can */
export async function toThread(start: WriterStart): Promise<Line> {
  let waitMs = restartMs.first
  let ended = false
  let thread = beginThread(start)
  await thread.ready
  void replace()
  return {
    send: (order) => thread.send(order),
    async end() {
      ended = true
      await thread.end()
    },
  }

  async function replace() {
    for (;;) {
      await thread.exited
      if (ended) return
      await pause(waitMs, undefined, { ref: false })
      if (ended) return
      thread = beginThread(start)
      waitMs = await thread.ready.then(
        () => restartMs.first,
        () => Math.min(2 * waitMs, restartMs.most),
      )
    }
  }
}

/** How an order ended, from one process to another. */
type Ended = Pick<FromWriter, 'outcome' | 'error' | 'perhapsWritten'>

/** Carries out orders of other processes on a line of this one. */
export const carryingOut =
  (line: Line) =>
  (orders: readonly Order[]): Promise<readonly Ended[]> =>
    Promise.all(
      orders.map((order) =>
        line.send(order).then(
          (outcome): Ended => ({ outcome }),
          (error: LedgerError): Ended => ({
            error: error.message,
            ...(error.perhapsWritten && { perhapsWritten: true }),
          }),
        ),
      ),
    )

/** A line to another process, which carries out what it is sent: many processes, one writer. Those orders of a turn of the event loop go together. */
export function toProcess(send: (orders: readonly Order[]) => Promise<readonly Ended[]>): Line {
  let gathered: { readonly order: Order; readonly answer: PromiseWithResolvers<unknown> }[] = []
  /** What has been sent and is not answered. */
  const open = new Roster<Promise<unknown>>()
  const post = async () => {
    const orders = gathered
    gathered = []
    const answers = await send(orders.map(({ order }) => order)).catch((error: unknown) =>
      orders.map((): Ended => ({ error: messageOf(error), perhapsWritten: true })),
    )
    for (const [index, { answer }] of orders.entries()) {
      const { outcome, error, perhapsWritten } = answers[index] ?? {
        error: 'There was no answer.',
        perhapsWritten: true,
      }
      if (error === undefined) answer.resolve(outcome)
      else answer.reject(new LedgerError(error, perhapsWritten))
    }
  }
  return {
    send(order) {
      const answer = Promise.withResolvers<unknown>()
      if (gathered.length === 0) setImmediate(() => void post())
      gathered.push({ order, answer })
      const place = open.enter(answer.promise.catch(() => undefined).then(() => void open.leave(place)))
      return answer.promise
    },
    end: async () => void (await Promise.all(open)),
  }
}

interface Thread extends Line {
  readonly ready: Promise<void>
  readonly exited: Promise<void>
}

function beginThread(start: WriterStart): Thread {
  const writer = startWritingThread(new URL('./writer-thread.ts', import.meta.url), start)
  /** By the id of its order. */
  const open = new Roster<PromiseWithResolvers<unknown>>()
  const ready = Promise.withResolvers<void>()
  /** Of this turn of the event loop: one message for all of them. */
  let gathered: ToWriter[] = []
  let dead: string | undefined

  const die = (why: string) => {
    dead ??= why
    ready.reject(new LedgerError(why))
    for (const one of open) one.reject(new LedgerError(why, true))
  }
  const post = () => {
    writer.postMessage(gathered)
    gathered = []
  }
  const hear = ({ id, outcome, error, perhapsWritten }: FromWriter) => {
    const one = open.leave(id)
    if (error === undefined) one?.resolve(outcome)
    else one?.reject(new LedgerError(error, perhapsWritten))
  }
  writer.on('message', (message: readonly FromWriter[] | 'ready') => {
    if (message === 'ready') ready.resolve()
    else for (const answer of message) hear(answer)
  })
  writer.on('error', (error) => die(String(error)))
  const exited = new Promise<void>((resolve) => writer.on('exit', () => resolve()))
  void exited.then(() => die("The ledger's writer has ended."))
  return {
    ready: ready.promise,
    exited,
    send(order) {
      if (dead !== undefined) return Promise.reject(new LedgerError(dead))
      const answer = Promise.withResolvers<unknown>()
      const id = open.enter(answer)
      if (gathered.length === 0) setImmediate(post)
      gathered.push({ id, order })
      return answer.promise
    },
    async end() {
      post()
      writer.postMessage('end')
      await exited
    },
  }
}
