/** Tables as files: written as they are read, however long they are, and no faster than the client takes them. */
import { once } from 'node:events'
import { csvLine } from '../../lib/csv.ts'
import type { Exchange } from '../exchange.ts'

type Row<C extends string> = Readonly<Record<C, string | number | boolean | null>>

const types = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const
export type FileFormat = keyof typeof types

/** What stands before all rows. */
export const tableHead = (format: FileFormat, columns: readonly string[]): string =>
  format === 'csv' ? `${csvLine(columns)}\n` : ''

export const tableText = <C extends string>(
  format: FileFormat,
  columns: readonly C[],
  rows: readonly Row<C>[],
): string =>
  rows
    .map((row) => `${format === 'csv' ? csvLine(columns.map((column) => row[column])) : JSON.stringify(row)}\n`)
    .join('')

/** @param name of the file, without its ending */
export async function sendFile(
  { response, gone }: Exchange,
  format: FileFormat,
  name: string,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': types[format],
    'content-disposition': `attachment; filename="${name}.${format}"`,
  })
  for await (const piece of pieces) {
    if (gone.aborted) return
    // Rejects when nobody waits any more.
    if (piece.length > 0 && !response.write(piece))
      await once(response, 'drain', { signal: gone }).catch(() => undefined)
  }
  response.end()
}
