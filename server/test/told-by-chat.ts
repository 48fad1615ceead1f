import { expect } from 'vitest'
import type { CompletionEvent } from '../src/completion/event.ts'
import { defaultLimits } from '../src/completion/limits.ts'
import type { CompletionRequest } from '../src/completion/request.ts'
import { answerChat } from '../src/engines/openai-wire/answer.ts'
import { createManners } from '../src/engines/openai-wire/late-close.ts'
import { hearPieces } from '../src/engines/openai-wire/reader-fixture.ts'
import type { Transport } from '../src/engines/openai-wire/transport.ts'
import type { Wire } from '../src/engines/openai-wire/wire.ts'
import { told as allTold, callOf, requestOf } from './replicas.ts'

const upstream = {
  id: 'double',
  url: 'http://127.0.0.1',
  model: 'm',
  concurrency: 1,
  contextWindow: 1_000,
  maxOutput: 1_000,
  thinking: true,
  logprobs: false,
}

/** For tests: what is said of these bytes of an upstream, with its text joined; checks that there is no step back. */
export async function told(pieces: readonly Uint8Array[], request: Partial<CompletionRequest>, kind: Wire) {
  const transport: Transport = {
    ask: (_body, _face, _signal, ear) => hearPieces(pieces, ear),
    close: async () => undefined,
  }
  const serve = answerChat({
    ...{ wire: kind, upstream, transport, limits: defaultLimits, onFailure: () => undefined },
    manners: createManners(() => undefined),
  })
  const events: CompletionEvent[] = await allTold(serve, requestOf(request), callOf())
  const joined = (type: 'reasoning' | 'text') => events.map((event) => (event.type === type ? event.text : '')).join('')
  const order = events.map(({ type }) => ['started', 'reasoning', 'text', 'tool-call'].indexOf(type))
  expect(order.slice(0, -1)).toEqual(order.slice(0, -1).toSorted((a, b) => a - b))
  return {
    reasoning: joined('reasoning'),
    text: joined('text'),
    calls: events.flatMap((event) => (event.type === 'tool-call' ? [[event.call.name, event.call.arguments]] : [])),
    end: events.at(-1),
  }
}
