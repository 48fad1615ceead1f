/** A line to a writer in the same thread, for tests that need a ledger and not its thread. */
import { openWriter, type WriterStart } from './writer.ts'
import { LedgerError, type Line } from './writer-line.ts'

export async function sameThread(start: WriterStart): Promise<Line> {
  const writer = await openWriter(start)
  await writer.recover()
  let last: Promise<unknown> = Promise.resolve()
  return {
    async send(order) {
      const written = last.then(() => writer.write([{ id: 0, order }]))
      last = written
      const [answer] = await written
      if (answer?.error !== undefined) throw new LedgerError(answer.error, answer.perhapsWritten)
      return answer?.outcome
    },
    async end() {
      await last
      await writer.end()
    },
  }
}
