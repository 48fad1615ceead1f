import type { Generation, GenerationCall, GenerationEvent, TokenEngine } from '../src/engines/token-engine.ts'
import { linkedAbort } from '../src/lib/linked-abort.ts'

type Generator = (generation: Generation, call: GenerationCall) => AsyncIterable<GenerationEvent>

/** An engine's way to generate, written as a generator. */
export const generating =
  (generate: Generator): TokenEngine['generate'] =>
  async (generation, call, hear) => {
    for await (const event of generate(generation, call)) {
      hear(event)
      await call.room?.()
    }
  }

/** What an engine generates, one by one: it rests while the reader takes its time, and ends when the reader leaves. */
export async function* generated(
  engine: Pick<TokenEngine, 'generate'>,
  generation: Generation,
  call: GenerationCall,
): AsyncGenerator<GenerationEvent, void> {
  const stop = linkedAbort(call.signal)
  const waiting: GenerationEvent[] = []
  let news = Promise.withResolvers<void>()
  let taken = Promise.withResolvers<void>()
  let isOver = false
  const room = () => (waiting.length > 0 ? taken.promise : undefined)
  const over = engine
    .generate(generation, { ...call, signal: stop.signal, room }, (event) => {
      waiting.push(event)
      news.resolve()
    })
    .finally(() => {
      isOver = true
      news.resolve()
    })
  over.catch(() => undefined)
  try {
    while (!isOver || waiting.length > 0) {
      await news.promise
      news = Promise.withResolvers()
      for (let event = waiting.shift(); event; event = waiting.shift()) yield event
      taken.resolve()
      taken = Promise.withResolvers()
    }
    await over
  } finally {
    stop.unlink()
    stop.abort()
  }
}
