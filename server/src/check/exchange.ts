/** One request and what came back, whatever came back. */
import { Agent, request } from 'undici'
import { reasonOf } from '../lib/http-get.ts'

export interface Sent {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** A success needs not be read: its status says all. */
  readonly onlyStatus?: boolean
  /** Hang up after the first piece of the body. */
  readonly leaveEarly?: boolean
}

export interface Answer {
  /** 0: no HTTP answer came; `trouble` says why. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Why the body, or the whole answer, is not there in full. */
  readonly trouble?: string
  /** The longest time without a byte, in milliseconds, from the request to the end of the answer. */
  readonly silenceMs: number
}

export interface Exchange {
  /** @throws only when `signal` is aborted */
  send(sent: Sent, signal: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

const bytesMax = 8 * 1024 * 1024

/** @param timeoutMs for one request, from its start to the end of its answer */
export function createExchange(timeoutMs: number): Exchange {
  const agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: 10_000 } })
  return { send: (sent, signal) => exchange(agent, sent, timeoutMs, signal), close: () => agent.destroy() }
}

async function exchange(agent: Agent, sent: Sent, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
  const late = AbortSignal.timeout(timeoutMs)
  let heardAt = performance.now()
  let silenceMs = 0
  const hear = () => {
    const now = performance.now()
    silenceMs = Math.max(silenceMs, now - heardAt)
    heardAt = now
  }
  let status = 0
  let headers: Answer['headers'] = {}
  const pieces: Uint8Array[] = []
  const answer = (trouble?: string): Answer => ({
    status,
    headers,
    text: Buffer.concat(pieces).toString('utf8'),
    silenceMs,
    ...(trouble !== undefined && { trouble }),
  })
  try {
    const response = await request(sent.url, {
      dispatcher: agent,
      method: sent.method,
      headers: { 'user-agent': 'tidegate-check', ...sent.headers },
      body: sent.body ?? null,
      signal: AbortSignal.any([late, signal]),
    })
    hear()
    status = response.statusCode
    headers = response.headers
    response.body.on('error', () => undefined)
    if (sent.onlyStatus && status < 300) {
      response.body.destroy()
      return answer()
    }
    let bytes = 0
    for await (const piece of response.body) {
      hear()
      pieces.push(piece)
      bytes += piece.length
      if (sent.leaveEarly) break
      if (bytes > bytesMax) return answer(`an answer of more than ${bytesMax} bytes`)
    }
    hear()
    return answer()
  } catch (error) {
    signal.throwIfAborted()
    hear()
    return answer(late.aborted ? `no end within ${Math.round(timeoutMs / 1000)} s` : reasonOf(error))
  }
}
