import { setTimeout as pause } from 'node:timers/promises'
import type { CompletionEvent } from '../completion/event.ts'
import { type Failure, type FailureCode, ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, Serve } from '../completion/serve.ts'
import type { Catalog, Replica } from '../engines/catalog.ts'
import { pickReplica } from '../routing/pick-replica.ts'

type Patience = Pick<Limits, 'maxAttempts' | 'queueMs' | 'restartMs'>

/** Whether an attempt that failed so, before anything of it was sent, is made again elsewhere (contract C92–C94). */
export const worthAnotherReplica: Record<FailureCode, boolean> = {
  'engine-lost': true,
  'engine-timeout': true,
  'engine-protocol': true,
  'engine-unavailable': true,
  'invalid-request': false,
  'unsupported-parameter': false,
  'context-too-long': false,
  unauthenticated: false,
  'insufficient-balance': false,
  'permission-denied': false,
  'model-not-found': false,
  'unknown-url': false,
  'method-not-allowed': false,
  'body-timeout': false,
  'body-too-large': false,
  'unsupported-media-type': false,
  'rate-limited': false,
  'invalid-output': false,
  cancelled: false,
  internal: false,
}

const RETRY_AFTER_SECONDS = 5
const unavailable = (retryAfterSeconds = RETRY_AFTER_SECONDS): Failure => ({
  code: 'engine-unavailable',
  message: `No engine is available for this model. Retry after ${retryAfterSeconds} seconds.`,
  retryAfterSeconds,
})

/** Two engines died over one prompt, or all refuse it: clients are told not to repeat it (contract C93). */
const poisonous: Failure = { code: 'internal', message: 'Internal server error.', shouldRetry: false }

/** What the engines have against the request is not put right by repeating it; what they have against us may pass. */
const refusedByAll = (last: Failure | undefined): Failure =>
  last?.shouldRetry === false ? poisonous : unavailable(last?.retryAfterSeconds)

type Failed = CompletionEvent & { readonly type: 'failed' }

/** Gives the request to a replica of its model, and to another one when that fails before anything was shown. */
export const dispatch = (catalog: Catalog, patience: Patience): Serve =>
  async function* (request, call) {
    const model = catalog.find(request.model)?.model
    if (!model) throw new ServeError({ code: 'model-not-found', message: `Model Not Exist: '${request.model}'` })
    const wait = startWait(call.signal, patience.queueMs)
    const tried = new Set<string>()
    let willing = model.replicas
    let lost: Failed | undefined
    let losses = 0
    try {
      for (let attempt = 1; ; attempt++) {
        if (willing.length === 0) return yield { type: 'failed', failure: refusedByAll(lost?.failure) }
        const replica = await readyReplica(willing, call.namespace, tried, patience.restartMs, wait.signal)
        if (!replica) return yield { type: 'failed', failure: unavailable(lost?.failure.retryAfterSeconds) }
        tried.add(replica.engine)
        lost = yield* attemptOn(replica, request, { ...call, signal: wait.signal }, wait.end)
        if (!lost) return
        if (wait.expired()) return yield { type: 'failed', failure: unavailable() }
        if (!worthAnotherReplica[lost.failure.code]) return yield lost
        if (lost.failure.elsewhere) willing = willing.filter(({ engine }) => engine !== replica.engine)
        if (lost.failure.code === 'engine-lost' && ++losses === 2) return yield { type: 'failed', failure: poisonous }
        if (attempt >= patience.maxAttempts)
          return yield { type: 'failed', failure: unavailable(lost.failure.retryAfterSeconds) }
      }
    } finally {
      wait.end()
    }
  }

/**
 * One attempt, while a place of the replica's queue is held. `onAnswer` is called with the first word.
 * @returns the failure, kept back, when the attempt failed before anything was shown; undefined when the answer is complete.
 */
async function* attemptOn(
  replica: Replica,
  request: CompletionRequest,
  call: Call,
  onAnswer: () => void,
): AsyncGenerator<CompletionEvent, Failed | undefined> {
  const leave = await replica.queue.enter(call.keyId, call.namespace, call.signal)
  if (!leave) return { type: 'failed', failure: unavailable() }
  try {
    /** What another attempt would say anew: all before the first word; of an answer in one piece, all before its end. */
    let held: CompletionEvent[] | undefined = []
    for await (const event of replica.serve(request, call)) {
      if (event.type === 'failed' && held) return event
      if (event.type !== 'started') onAnswer()
      if (held) held.push(event)
      else yield event
      if (held && (call.whole ? event.type === 'finished' : event.type !== 'started')) {
        yield* held
        held = undefined
      }
    }
    return undefined
  } finally {
    leave()
  }
}

/** @returns a replica that is ready, also one that comes back within `restartMs`; undefined if none does. */
async function readyReplica(
  replicas: readonly Replica[],
  namespace: string,
  tried: ReadonlySet<string>,
  restartMs: number,
  signal: AbortSignal,
): Promise<Replica | undefined> {
  const until = Date.now() + restartMs
  for (;;) {
    const replica = pickReplica(replicas, namespace, tried)
    if (replica || Date.now() >= until) return replica
    await pause(READY_POLL_MS)
    signal.throwIfAborted()
  }
}

const READY_POLL_MS = 25

/** The wait for the first word: `signal` aborts when the caller leaves or when `queueMs` have passed before `end` was called. */
function startWait(caller: AbortSignal, queueMs: number) {
  const tooLong = new AbortController()
  const timer = setTimeout(() => tooLong.abort(new ServeError(unavailable())), queueMs)
  return {
    signal: AbortSignal.any([caller, tooLong.signal]),
    expired: () => tooLong.signal.aborted,
    end: () => clearTimeout(timer),
  }
}
