/** One request to an upstream on undici's dispatcher itself: no stream objects between the socket and who reads. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Agent, Dispatcher } from 'undici'

export interface Response {
  readonly statusCode: number
  readonly headers: IncomingHttpHeaders
  readonly body: Body
}

/** What comes, by one reader. */
export interface Body {
  /** All that has come since the last time; undefined at the end. @throws what broke it */
  next(): Promise<readonly Buffer[] | undefined>
  /** Nobody reads on: the connection is closed, unless all is there. */
  destroy(): void
  /** Nobody reads on, and what little is left is taken, so that the connection can be used again. */
  finish(): void
}

/** Of what waits for its reader, in bytes: from there on the upstream waits, too. */
const waitingMax = 64 * 1024
/** What is taken behind the end that counts. */
const restMax = { bytes: 4_096, ms: 1_000 }

/** @param signal aborted: the connection is closed at once @throws the connection's error, before a status came */
export function exchange(
  agent: Agent,
  url: URL,
  options: Pick<Dispatcher.DispatchOptions, 'method' | 'headers' | 'body'>,
  signal: AbortSignal,
): Promise<Response> {
  const head = Promise.withResolvers<Response>()
  let controller: Dispatcher.DispatchController | undefined
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let paused = false
  let ended = false
  let broken: Error | undefined
  let reader: PromiseWithResolvers<readonly Buffer[] | undefined> | undefined
  /** Bytes that may still come while nobody reads. */
  let rest: number | undefined
  let late: NodeJS.Timeout | undefined

  const onAbort = () => {
    const why = signal.reason instanceof Error ? signal.reason : new Error('aborted')
    if (controller) controller.abort(why)
    else fail(why)
  }
  const over = () => {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(late)
  }
  const fail = (error: Error) => {
    over()
    broken ??= error
    head.reject(error)
    reader?.reject(error)
    reader = undefined
  }
  const take = (): readonly Buffer[] => {
    const taken = waiting
    waiting = []
    waitingBytes = 0
    // At last: what is resumed may give its next bytes before it returns.
    if (paused) {
      paused = false
      controller?.resume()
    }
    return taken
  }

  const body: Body = {
    next() {
      if (waiting.length > 0) return Promise.resolve(take())
      if (broken) return Promise.reject(broken)
      if (ended) return Promise.resolve(undefined)
      reader = Promise.withResolvers()
      return reader.promise
    },
    destroy() {
      if (!ended && !broken) controller?.abort(nobodyReads)
    },
    finish() {
      if (ended || broken) return
      rest = restMax.bytes
      take()
      late = setTimeout(body.destroy, restMax.ms).unref()
    },
  }

  if (signal.aborted) {
    onAbort()
    return head.promise
  }
  signal.addEventListener('abort', onAbort)
  agent.dispatch(
    { origin: url.origin, path: url.pathname + url.search, ...options },
    {
      onRequestStart(started) {
        controller = started
        if (signal.aborted) onAbort()
      },
      onResponseStart(_controller, statusCode, headers) {
        // 1xx: the answer is still to come.
        if (statusCode >= 200) head.resolve({ statusCode, headers, body })
      },
      onResponseData(_controller, chunk) {
        if (rest !== undefined) {
          rest -= chunk.length
          if (rest < 0) body.destroy()
          return
        }
        waiting.push(chunk)
        waitingBytes += chunk.length
        if (reader) {
          reader.resolve(take())
          reader = undefined
        } else if (waitingBytes > waitingMax) {
          paused = true
          controller?.pause()
        }
      },
      onResponseEnd() {
        ended = true
        over()
        reader?.resolve(undefined)
        reader = undefined
      },
      onResponseError: (_controller, error) => fail(error),
    },
  )
  return head.promise
}

const nobodyReads = new Error('nobody reads on')
