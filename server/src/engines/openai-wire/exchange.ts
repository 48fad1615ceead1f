/** One request to an upstream, and an answer that waits for who hears it. */
import type { Asking, Client, Request } from '../../lib/http1/client.ts'
import type { Headers } from '../../lib/http1/response-reader.ts'

export interface Response {
  readonly statusCode: number
  readonly headers: Headers
  readonly body: Body
}

/** Hears a body from where the socket is read. Nothing that it does may throw. */
export interface Ear {
  /** @param bytes good until this returns: what is kept of them must be copied */
  data(bytes: Buffer): void
  /** All is there. */
  end(): void
  broken(error: Error): void
}

/** What comes, for one ear. */
export interface Body {
  /** What has come is told before this returns, and the rest as it comes. */
  hear(ear: Ear): void
  /** The upstream waits as soon as it can; what was on its way is told all the same. */
  pause(): void
  resume(): void
  /** Nobody hears on: the connection is closed, unless all is there. */
  destroy(): void
  /** Nobody hears on, and what little is left is taken, so that the connection can be used again. */
  finish(): void
}

/** Of what came before anybody hears, in bytes: from there on the upstream waits, too. */
const earlyMax = 64 * 1024
/** What is taken behind the end that counts. */
const restMax = { bytes: 4_096, ms: 1_000 }

/** @param signal aborted: the connection is closed at once @throws the connection's error, before a status came */
export function exchange(client: Client, request: Request, signal: AbortSignal): Promise<Response> {
  const head = Promise.withResolvers<Response>()
  let asking: Asking | undefined
  let ear: Ear | undefined
  /** What came before anybody heard. */
  let early: Buffer[] = []
  let earlyBytes = 0
  let ended = false
  let broken: Error | undefined
  /** Bytes that may still come while nobody hears. */
  let rest: number | undefined
  let late: NodeJS.Timeout | undefined

  const onAbort = () => {
    const why = signal.reason instanceof Error ? signal.reason : new Error('aborted')
    if (asking) asking.abort(why)
    else fail(why)
  }
  const isOver = () => ended || broken !== undefined
  const over = () => {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(late)
  }
  const fail = (error: Error) => {
    over()
    broken ??= error
    head.reject(error)
    ear?.broken(error)
  }

  const body: Body = {
    hear(one) {
      ear = one
      const came = early
      early = []
      for (const bytes of came) one.data(bytes)
      if (broken) one.broken(broken)
      else if (ended) one.end()
      else asking?.resume()
    },
    pause() {
      if (!isOver()) asking?.pause()
    },
    resume() {
      if (!isOver()) asking?.resume()
    },
    destroy() {
      if (!isOver()) asking?.abort(nobodyHears)
    },
    finish() {
      if (isOver()) return
      // Whoever asked has what it asked for: that it goes away now is no reason to close the connection.
      over()
      rest = restMax.bytes
      late = setTimeout(body.destroy, restMax.ms).unref()
      asking?.resume()
    },
  }

  if (signal.aborted) {
    onAbort()
    return head.promise
  }
  asking = client.ask(request, {
    head: (statusCode, headers) => head.resolve({ statusCode, headers, body }),
    data(bytes) {
      if (rest !== undefined) {
        rest -= bytes.length
        if (rest < 0) body.destroy()
      } else if (ear) ear.data(bytes)
      else {
        early.push(Buffer.from(bytes))
        earlyBytes += bytes.length
        if (earlyBytes > earlyMax) body.pause()
      }
    },
    end() {
      ended = true
      over()
      ear?.end()
    },
    broken: fail,
  })
  signal.addEventListener('abort', onAbort)
  return head.promise
}

const nobodyHears = new Error('nobody hears on')
