import { ServeError } from '../../completion/failure.ts'
import type { Generation, GenerationCall, GenerationEvent, ModelFacts, TokenEngine } from '../token-engine.ts'
import { Child, type Death } from './child.ts'
import { Inbox } from './inbox.ts'
import { AHEAD_MAX, type FromChild, isLast, type ModelOptions } from './protocol.ts'

/** The part of a logger that the engine uses; pino's has it. */
export interface EngineLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface LlamaEngineOptions {
  readonly id: string
  /** A GGUF file with a chat template; of a split model its first part. */
  readonly path: string
  /** Prompt plus output in tokens, for each slot; absent: the training context, at most 8,192. */
  readonly contextSize?: number
  /** Generations side by side; absent: 8, or as many as memory allows. */
  readonly slots?: number
  /** CPU threads that compute; absent: all cores but one, at most 8. */
  readonly threads?: number
  /** Absent: false, no GPU is looked for. */
  readonly gpu?: ModelOptions['gpu']
  /** Most prompt tokens in one step while other answers are being written; absent: 64. */
  readonly prefillTokens?: number
  readonly log: EngineLog
  /** Waits between restarts; the last one is repeated. */
  readonly restartMs?: readonly number[]
  /** A child that does not confirm a cancellation by then hangs and is replaced. */
  readonly hangMs?: number
}

export interface LlamaEngine extends TokenEngine {
  readonly facts: ModelFacts
  /** Of the process that computes; undefined while there is none. */
  readonly pid: number | undefined
}

/** Deaths in a row while loading, after which the first start is given up. */
const LOADING_ATTEMPTS = 3
const RESTART_MS = [50, 500, 2_000, 5_000, 15_000, 30_000]
/** How long a request waits for a child that is coming back. */
const COMING_BACK_MS = 10_000
/** How long an aborted request waits to hear what was still generated. */
const CONFIRM_MS = 500
const HANG_MS = 60_000

/**
 * Starts the engine's process and loads the model.
 * @throws Error with one clear line when the file cannot be served.
 */
export async function createLlamaEngine(options: LlamaEngineOptions): Promise<LlamaEngine> {
  const engine = new SupervisedEngine(options)
  await engine.start()
  return engine as SupervisedEngine & { facts: ModelFacts }
}

const failure = {
  lost: () =>
    new ServeError({ code: 'engine-lost', message: 'The engine went away while it worked on this request.' }),
  unavailable: () =>
    new ServeError({ code: 'engine-unavailable', message: 'The engine is being restarted.', retryAfterSeconds: 5 }),
  cancelled: () => new ServeError({ code: 'cancelled', message: 'The caller went away.' }),
}

/** Keeps one child process alive and hands requests to it. */
class SupervisedEngine implements TokenEngine {
  readonly id: string
  facts: ModelFacts | undefined
  slots = 1
  readonly #options: LlamaEngineOptions
  readonly #log: EngineLog
  readonly #inboxes = new Map<number, Inbox>()
  #child: Child | undefined
  #state: 'loading' | 'ready' | 'down' | 'closed' = 'down'
  #lastId = 0
  /** Deaths since the engine last worked for a while. */
  #deaths = 0
  #restart: NodeJS.Timeout | undefined
  #proven: NodeJS.Timeout | undefined
  /** Settles when the state is next `ready`, or never will be. */
  #back = Promise.withResolvers<void>()

  constructor(options: LlamaEngineOptions) {
    this.id = options.id
    this.#options = options
    this.#log = options.log
    this.#back.promise.catch(() => {})
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  ready(): boolean {
    return this.#state === 'ready'
  }

  async start(): Promise<void> {
    this.#launch()
    await this.#back.promise
  }

  async *generate(generation: Generation, call: GenerationCall): AsyncIterable<GenerationEvent> {
    const { signal } = call
    await this.#whenReady(signal)
    const child = this.#child
    if (signal.aborted) throw failure.cancelled()
    if (!child || this.#state !== 'ready') throw failure.unavailable()
    const id = ++this.#lastId
    const inbox = new Inbox((events) => child.send({ type: 'consumed', id, events }), AHEAD_MAX / 4)
    this.#inboxes.set(id, inbox)
    let watchdog: NodeJS.Timeout | undefined
    let giveUp: NodeJS.Timeout | undefined
    const cancel = () => {
      if (watchdog || !this.#inboxes.has(id)) return
      child.send({ type: 'cancel', id })
      watchdog = setTimeout(() => this.#replace(child), this.#options.hangMs ?? HANG_MS).unref()
      // The events that are still on their way are worth waiting for: they say what was generated and must be paid for.
      giveUp = setTimeout(() => inbox.push({ type: 'cancelled' }), CONFIRM_MS)
    }
    this.#watchdogs.set(id, () => clearTimeout(watchdog))
    signal.addEventListener('abort', cancel)
    child.send({ type: 'generate', id, namespace: call.namespace, generation })
    try {
      for (;;) {
        const event = await inbox.next()
        if (event.type === 'failed') throw new ServeError(event.failure)
        if (event.type === 'cancelled') throw failure.cancelled()
        yield event
        if (event.type === 'ended') return
      }
    } finally {
      signal.removeEventListener('abort', cancel)
      cancel()
      clearTimeout(giveUp)
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    clearTimeout(this.#restart)
    clearTimeout(this.#proven)
    this.#back.reject(new Error(`The engine ${this.id} was closed.`))
    await this.#child?.kill()
  }
}
