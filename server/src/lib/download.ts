/** Fetches one large file: resumes where an earlier attempt stopped, checks the hash, and puts it into place whole or not at all. */
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type GetOptions, type GetResponse, get, Interrupted, reasonOf } from './http-get.ts'
import { OperatorError } from './operator-error.ts'

export interface Download extends GetOptions {
  readonly url: string
  /** The finished file; replaced if it is there. */
  readonly to: string
  /** 64 hex digits. Without it, the one that the server names is taken, if it names one. */
  readonly sha256?: string
  readonly bytes?: number
  /** Called for every piece that arrives. `total` is absent when nobody says it. */
  readonly onProgress?: (done: number, total: number | undefined) => unknown
  /** The first pause after an interruption; each further one in a row is twice as long. */
  readonly retryMs?: number
}

/** The server answered, and it was no file. */
export class RefusedDownload extends OperatorError {
  readonly status: number
  constructor(status: number, host: string) {
    super(`${host} answered with status ${status}.`)
    this.status = status
  }
}

/** Attempts in a row that brought no single byte. */
const fruitlessAttemptsMax = 4

/**
 * The bytes are gathered in a file beside the target that carries the beginning of the hash in its name: what is resumed is always
 * the same content. Without a hash nothing is resumed.
 * @returns whether the hash was checked, and from which byte an earlier attempt was resumed
 * @throws RefusedDownload, OperatorError
 */
export async function download(order: Download): Promise<{ readonly verified: boolean; readonly resumedAt: number }> {
  await mkdir(dirname(order.to), { recursive: true })
  const partial = order.sha256 ? `${order.to}.${order.sha256.slice(0, 12)}.partial` : `${order.to}.partial`
  const file = await open(partial, 'a+')
  try {
    const gathered = await Gathered.from(file)
    if (!order.sha256) await gathered.startOver()
    const resumedAt = gathered.bytes
    const sha256 = (await fetchAll(order, gathered)) ?? order.sha256
    if (sha256 && gathered.digest() !== sha256) {
      await rm(partial)
      throw new OperatorError(
        `What arrived is not what was announced: its SHA-256 is ${gathered.digest()} instead of ${sha256}. It was removed; try again.`,
      )
    }
    await file.sync()
    await rename(partial, order.to)
    return { verified: sha256 !== undefined, resumedAt }
  } finally {
    await file.close()
  }
}

/** @returns the hash that the server names, where the order has none */
async function fetchAll(order: Download, gathered: Gathered): Promise<string | undefined> {
  let fruitless = 0
  for (;;) {
    if (gathered.bytes > (order.bytes ?? Number.POSITIVE_INFINITY)) await gathered.startOver()
    if (gathered.bytes > 0 && gathered.bytes === order.bytes) return order.sha256
    const before = gathered.bytes
    try {
      return await fetchRest(order, gathered)
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      fruitless = order.sha256 && gathered.bytes > before ? 0 : fruitless + 1
      if (fruitless >= fruitlessAttemptsMax)
        throw new OperatorError(
          `The download stopped: ${error.message} What has arrived is kept; the same command goes on.`,
          { cause: error },
        )
      if (!order.sha256) await gathered.startOver()
      await wait((order.retryMs ?? 1_000) * 2 ** fruitless, undefined, { signal: order.signal })
    }
  }
}

async function fetchRest(order: Download, gathered: Gathered): Promise<string | undefined> {
  const range = gathered.bytes > 0 ? { range: `bytes=${gathered.bytes}-` } : {}
  const response = await get(order.url, { ...order, headers: { 'accept-encoding': 'identity', ...range } })
  try {
    const total = await place(response, gathered, new URL(order.url).host)
    if (order.bytes !== undefined && total !== undefined && total !== order.bytes)
      throw new OperatorError(`The file was announced with ${order.bytes} bytes, and the server sends ${total}.`)
    await checkRoom(order.to, (total ?? order.bytes ?? 0) - gathered.bytes)
    for await (const piece of piecesOf(response)) {
      await gathered.add(piece)
      order.onProgress?.(gathered.bytes, total ?? order.bytes)
    }
    if (total !== undefined && gathered.bytes < total) throw new Interrupted('The connection was cut.')
    return order.sha256 ?? hashNamedIn(response)
  } finally {
    response.body.destroy()
  }
}

/** Makes `gathered` ready for the body of this answer. @returns the whole file's size, if it is known */
async function place(response: GetResponse, gathered: Gathered, host: string): Promise<number | undefined> {
  const { status, headers } = response
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(headers['content-range'])) ?? []
    if (Number(start) === gathered.bytes) return total === '*' ? undefined : Number(total)
    await gathered.startOver()
    throw new Interrupted('The server sent another part than the one that was asked for.')
  }
  if (status === 200) {
    await gathered.startOver() // a server that knows no ranges sends all of it
    const length = Number(headers['content-length'] ?? Number.NaN)
    return Number.isNaN(length) ? undefined : length
  }
  if (status === 416 && gathered.bytes > 0) {
    await gathered.startOver()
    throw new Interrupted('The server does not have the part that was asked for.')
  }
  if (status === 408 || status === 429 || status >= 500)
    throw new Interrupted(`${host} answered with status ${status}.`)
  throw new RefusedDownload(status, host)
}

async function* piecesOf({ body }: GetResponse): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
  for (;;) {
    const next = await pieces.next().catch((error: unknown) => {
      throw new Interrupted(`The connection was cut: ${reasonOf(error)}.`, { cause: error })
    })
    if (next.done) return
    yield next.value
  }
}

/** Hubs name a large file's hash in the answer before the redirect. */
function hashNamedIn({ firstHeaders }: GetResponse): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(String(firstHeaders['x-linked-etag'] ?? firstHeaders.etag))?.[1]
}

async function checkRoom(to: string, neededBytes: number) {
  const { bavail, bsize } = await statfs(dirname(to))
  if (bavail * bsize < neededBytes)
    throw new OperatorError(
      `There is no room in ${dirname(to)}: ${Math.ceil(neededBytes / 1e6)} MB are needed, ${Math.floor((bavail * bsize) / 1e6)} MB are free.`,
    )
}

/** The bytes that have arrived, and their hash so far. */
class Gathered {
  bytes = 0
  readonly #file: FileHandle
  #hash: Hash = createHash('sha256')

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async from(file: FileHandle): Promise<Gathered> {
    const gathered = new Gathered(file)
    for await (const piece of file.createReadStream({ autoClose: false, start: 0 })) {
      gathered.#hash.update(piece)
      gathered.bytes += piece.length
    }
    return gathered
  }

  async add(piece: Uint8Array) {
    await this.#file.appendFile(piece)
    this.#hash.update(piece)
    this.bytes += piece.length
  }

  async startOver() {
    await this.#file.truncate(0)
    this.#hash = createHash('sha256')
    this.bytes = 0
  }

  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}
