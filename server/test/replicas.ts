import { type CompletionEvent, isEnding } from '../src/completion/event.ts'
import { type FailureCode, ServeError } from '../src/completion/failure.ts'
import type { CompletionRequest } from '../src/completion/request.ts'
import type { Call, Serve } from '../src/completion/serve.ts'
import { noUsage } from '../src/completion/usage.ts'
import { type Catalog, createCatalog, type Model, type Replica } from '../src/engines/catalog.ts'
import { CircuitBreaker } from '../src/lib/circuit-breaker.ts'
import { FairQueue } from '../src/lib/fair-queue.ts'

/** Doubles for what the gateway stands on: replicas that answer from a list of events, and the call that reaches them. */

export const started: CompletionEvent = { type: 'started', promptTokens: 3, cachedTokens: 0 }
export const text = (words: string): CompletionEvent => ({ type: 'text', text: words, tokens: 1 })
export const finished: CompletionEvent = { type: 'finished', reason: 'stop', matchedStop: null, usage: noUsage }
export const failing = (code: FailureCode): CompletionEvent => ({ type: 'failed', failure: { code, message: code } })

/** A `Serve` as tests like to write it: the last event of the generator is the end. */
export const telling =
  (eventsOf: (request: CompletionRequest, call: Call) => AsyncIterable<CompletionEvent>): Serve =>
  async (request, call, tell) => {
    for await (const event of eventsOf(request, call)) {
      if (isEnding(event)) return event
      tell(event)
      await call.room?.()
    }
    throw new ServeError({ code: 'engine-protocol', message: 'It just stopped.' })
  }

/** All that is told of an answer, and its end. */
export async function told(serve: Serve, request: CompletionRequest, call: Call): Promise<CompletionEvent[]> {
  const events: CompletionEvent[] = []
  const ending = await serve(request, call, (piece) => void events.push(piece))
  return [...events, ending]
}

export const answering = (...events: readonly CompletionEvent[]): Serve =>
  telling(async function* () {
    yield* events
  })

export function replicaOf(
  engine: string,
  serve: Serve,
  options: { ready?: () => boolean; places?: number } = {},
): Replica {
  return {
    engine,
    weight: 1,
    ready: options.ready ?? (() => true),
    breaker: new CircuitBreaker(),
    queue: new FairQueue(options.places ?? 8, 100),
    others: () => 0,
    serve,
  }
}

export function modelOf(id: string, replicas: readonly Replica[], extra: Partial<Model> = {}): Model {
  return {
    id,
    displayName: id,
    aliases: [],
    thinkingByDefault: true,
    canThink: true,
    canLogprobs: true,
    contextWindow: 4_096,
    maxOutput: 4_096,
    fingerprint: 'fp_0123456789ab',
    replicas,
    ...extra,
  }
}

export const catalogOf = (...replicas: readonly Replica[]): Catalog => createCatalog([modelOf('m', replicas)])

export const requestOf = (extra: Partial<CompletionRequest> = {}): CompletionRequest => ({
  model: 'm',
  messages: [{ role: 'user', content: 'Hello!' }],
  thinking: { enabled: false, effort: 'high' },
  maxTokens: 100,
  sampling: { temperature: 1, topP: 1 },
  stop: [],
  tools: [],
  toolChoice: { type: 'none' },
  parallelToolCalls: true,
  format: { type: 'text' },
  ...extra,
})

export const callOf = (extra: Partial<Call> = {}): Call => ({
  id: 'req_1',
  tenant: 'default',
  keyId: 'key_1',
  namespace: 'namespace',
  signal: new AbortController().signal,
  ...extra,
})
