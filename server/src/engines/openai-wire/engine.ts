import type { Limits } from '../../completion/limits.ts'
import type { Deadlines } from '../deadlines.ts'
import type { Engine } from '../engine.ts'
import { answerChat } from './answer.ts'
import { createBackOff } from './back-off.ts'
import { createTransport } from './transport.ts'
import type { Upstream, Wire } from './wire.ts'

export interface ChatSurroundings {
  readonly limits: Deadlines & Pick<Limits, 'qualityRetries'>
  readonly log: { warn(fields: object, message: string): void }
}

/** An engine behind a chat API: it takes messages, and gives reasoning, text and calls apart. */
export function chatEngine(wire: Wire, upstream: Upstream, { limits, log }: ChatSurroundings): Engine {
  const { id } = upstream
  const backOff = createBackOff()
  const transport = createTransport(wire, upstream, (status) =>
    log.warn({ engine: id, status }, 'an engine refused a request'),
  )
  return {
    id,
    facts: {
      contextWindow: upstream.contextWindow,
      maxOutput: Math.min(upstream.maxOutput, upstream.contextWindow),
      canThink: upstream.thinking,
      logprobs: upstream.logprobs,
      identity: `${wire.kind}\0${upstream.model}`,
    },
    slots: upstream.concurrency,
    ready: backOff.ready,
    serve: answerChat({
      wire,
      upstream,
      transport,
      limits,
      onFailure(failure) {
        backOff.heard(failure)
        if (!failure.elsewhere) log.warn({ engine: id, failure: failure.code }, 'an engine failed')
      },
    }),
    close: () => transport.close(),
  }
}
