import type { ServerResponse } from 'node:http'
import type { CompletionEvent } from '../../completion/event.ts'
import type { Failure } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import type { Encoder } from './encode.ts'
import { startHeartbeat } from './heartbeat.ts'
import { openOutlet } from './outlet.ts'

/**
 * Carries an answer from its events to the client: headers as late as sense allows (contract C81), heartbeats in every gap, the
 * client's own pace, and an ending that nobody can take for a good one when it is not.
 * Once the client is gone the events are still read to the last: the layers behind them count the tokens.
 * @returns the failure, if the answer failed, and whether the client has seen anything of the answer yet
 */
export async function deliver(
  events: AsyncIterable<CompletionEvent>,
  encoder: Encoder,
  response: ServerResponse,
  { keepaliveMs, readerStallMs }: Pick<Limits, 'keepaliveMs' | 'readerStallMs'>,
): Promise<{ readonly failure: Failure; readonly begun: boolean } | undefined> {
  const outlet = openOutlet(response, encoder, () => heartbeat.touch())
  const heartbeat = startHeartbeat(keepaliveMs, () => outlet.beat(encoder.heartbeat()))
  try {
    // The loop is left at the terminal event only, where the generators are at rest and close at once.
    for await (const event of events) {
      if (event.type === 'failed') return fail(event.failure)
      if (event.type === 'finished') {
        outlet.end(encoder.encode(event))
        return undefined
      }
      outlet.write(encoder.encode(event))
      if (outlet.full()) await outlet.drained(readerStallMs)
    }
    return fail({ code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' })
  } finally {
    heartbeat.stop()
  }

  function fail(failure: Failure) {
    const begun = outlet.begun()
    if (begun && encoder.whole) outlet.cut(encoder.broken(failure))
    else if (begun) outlet.end(encoder.broken(failure))
    return { failure, begun }
  }
}
