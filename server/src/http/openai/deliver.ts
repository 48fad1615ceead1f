import type { ServerResponse } from 'node:http'
import type { Ending } from '../../completion/event.ts'
import type { Failure } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import type { Room, Tell } from '../../completion/serve.ts'
import type { Encoder } from './encode.ts'
import { startHeartbeat } from './heartbeat.ts'
import { openOutlet } from './outlet.ts'

/** An answer that is told to whoever asks for it; see `Serve`. */
export type Telling = (tell: Tell, room: Room) => Promise<Ending>

/**
 * Carries an answer from its events to the client: headers as late as sense allows (contract C81), heartbeats in every gap, the
 * client's own pace, and an ending that nobody can take for a good one when it is not.
 * Once the client is gone the answer is still heard to its end: the layers behind it count the tokens.
 * @returns the failure, if the answer failed, and whether the client has seen anything of the answer yet
 */
export async function deliver(
  answer: Telling,
  encoder: Encoder,
  response: ServerResponse,
  { keepaliveMs, readerStallMs }: Pick<Limits, 'keepaliveMs' | 'readerStallMs'>,
): Promise<{ readonly failure: Failure; readonly begun: boolean } | undefined> {
  const outlet = openOutlet(response, encoder, () => heartbeat.touch())
  const heartbeat = startHeartbeat(keepaliveMs, () => outlet.beat(encoder.heartbeat()))
  try {
    const ending = await answer(
      (piece) => outlet.write(encoder.encode(piece)),
      () => (outlet.full() ? outlet.drained(readerStallMs) : undefined),
    )
    if (ending.type === 'finished') {
      outlet.end(encoder.encode(ending))
      return undefined
    }
    const { failure } = ending
    const begun = outlet.begun()
    if (begun && encoder.whole) outlet.cut(encoder.broken(failure))
    else if (begun) outlet.end(encoder.broken(failure))
    return { failure, begun }
  } finally {
    heartbeat.stop()
  }
}
