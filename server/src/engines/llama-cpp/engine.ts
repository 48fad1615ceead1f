import { ServeError } from '../../completion/failure.ts'
import type { Generation, GenerationCall, Hear, ModelFacts, TokenEngine } from '../token-engine.ts'
import { checkGguf } from './gguf-file.ts'
import { AHEAD_MAX, type Ending, isLast, type ModelOptions, type StepEvent, type ToChild } from './protocol.ts'
import { type EngineLog, Supervisor } from './supervisor.ts'

export interface LlamaEngineOptions extends Partial<ModelOptions> {
  readonly id: string
  /** A GGUF file with a chat template; of a split model its first part. */
  readonly path: string
  readonly log: EngineLog
  /** A child that does not confirm a cancellation by then hangs, and is replaced. */
  readonly hangMs?: number
  /** How long a child that is told to end may go on with what it works on, where nobody else goes on with it; 30,000. */
  readonly drainMs?: number
}

export interface LlamaEngine extends TokenEngine {
  readonly facts: ModelFacts
  /** Of the process that computes; undefined while there is none. */
  readonly pid: number | undefined
  leaving(): boolean
}

/** How long a request waits for a child that is coming back. */
const COMING_BACK_MS = 10_000
/** How long an aborted request waits to hear what was still generated. */
const CONFIRM_MS = 500
const HANG_MS = 60_000
const DRAIN_MS = 30_000

const lost = { code: 'engine-lost', message: 'The engine went away while it worked on this request.' } as const
const unavailable = {
  code: 'engine-unavailable',
  message: 'The engine is being restarted.',
  retryAfterSeconds: 5,
} as const
const confused = { code: 'engine-protocol', message: 'The engine answered another question.' } as const
const cancelled = { code: 'cancelled', message: 'The caller went away.' } as const

/** Something that was asked of the child. */
interface Open {
  readonly hear: (event: StepEvent) => void
  watchdog?: NodeJS.Timeout
}

/**
 * Loads a GGUF in a process of its own and keeps that alive.
 * @returns once the model is loaded.
 * @throws Error with one line for the operator when the file cannot be served.
 */
export async function createLlamaEngine(options: LlamaEngineOptions): Promise<LlamaEngine> {
  const { id, log, hangMs = HANG_MS, drainMs = DRAIN_MS, gpu = false, prefillTokens = 64, ...model } = options
  const unreadable = await checkGguf(model.path)
  if (unreadable) throw new Error(`The model ${model.path} ${unreadable}`)
  const open = new Map<number, Open>()
  const settle = (generation: number, event: StepEvent) => {
    const one = open.get(generation)
    one?.hear(event)
    if (!one || !isLast(event)) return
    clearTimeout(one.watchdog)
    open.delete(generation)
    if (open.size === 0) supervisor.rested()
  }
  const supervisor = new Supervisor({
    id,
    log,
    model: { ...model, gpu, prefillTokens },
    drainMs,
    isBusy: () => open.size > 0,
    onStep: (events) => {
      for (const [generation, event] of events) settle(generation, event)
    },
    onLost: () => {
      for (const generation of [...open.keys()]) settle(generation, { type: 'failed', failure: lost })
    },
  })
  await supervisor.start()
  let lastId = 0

  /**
   * Asks the child, and hears what it says until the last of it.
   * @param consumed says that so many text events were taken
   * @throws ServeError when it failed, or was cancelled; what `hear` throws
   */
  async function ask(
    question: (id: number) => ToChild,
    comingBackMs: number,
    signal: AbortSignal,
    hear: (event: Exclude<StepEvent, Ending>, consumed: (events: number) => void) => void,
  ): Promise<void> {
    const child = await supervisor.childWithin(comingBackMs, signal)
    if (signal.aborted) throw new ServeError(cancelled)
    if (!child) throw new ServeError(unavailable)
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const consumed = (events: number) => child.send({ type: 'consumed', id, events })
    let deaf = false
    const mine: Open = {
      hear(event) {
        if (deaf) return
        if (event.type === 'failed') return reject(new ServeError(event.failure))
        if (event.type === 'cancelled') return reject(new ServeError(cancelled))
        try {
          hear(event, consumed)
          if (isLast(event)) resolve()
        } catch (error) {
          reject(error)
        }
      },
    }
    open.set(id, mine)
    let giveUp: NodeJS.Timeout | undefined
    const cancel = () => {
      if (!open.has(id) || mine.watchdog) return
      child.send({ type: 'cancel', id })
      mine.watchdog = setTimeout(() => supervisor.replace(child), hangMs).unref()
      // What is still on its way says what was generated, and that is paid for; but nobody waits long for an engine that hangs.
      giveUp = setTimeout(() => reject(new ServeError(cancelled)), CONFIRM_MS)
    }
    signal.addEventListener('abort', cancel)
    child.send(question(id))
    try {
      await promise
    } finally {
      deaf = true
      signal.removeEventListener('abort', cancel)
      cancel()
      clearTimeout(giveUp)
    }
  }

  async function generate(generation: Generation, call: GenerationCall, hear: Hear): Promise<void> {
    const { namespace, signal, room } = call
    /** Text events that the child does not know to be taken. */
    let taken = 0
    let isLagging = false
    await ask(
      (id) => ({ type: 'generate', id, namespace, generation }),
      COMING_BACK_MS,
      signal,
      (event, consumed) => {
        if (event.type === 'counted') throw new ServeError(confused)
        hear(event)
        if (event.type !== 'text') return
        taken++
        if (isLagging) return
        const caughtUp = room?.()
        const acknowledge = () => {
          isLagging = false
          consumed(taken)
          taken = 0
        }
        if (caughtUp) {
          isLagging = true
          void caughtUp.then(acknowledge)
        } else if (taken >= AHEAD_MAX / 4) acknowledge()
      },
    )
  }

  async function count(prompt: readonly string[], signal: AbortSignal): Promise<number> {
    let tokens = 0
    await ask(
      (id) => ({ type: 'count', id, prompt }),
      0,
      signal,
      (event) => {
        if (event.type !== 'counted') throw new ServeError(confused)
        tokens = event.tokens
      },
    )
    return tokens
  }

  return {
    id,
    get facts() {
      return supervisor.facts as ModelFacts
    },
    get slots() {
      return supervisor.slots
    },
    get pid() {
      return supervisor.child?.pid
    },
    ready: () => supervisor.child !== undefined,
    leaving: () => supervisor.isLeaving,
    stay: () => supervisor.stay(),
    generate,
    count,
    close: () => supervisor.close(),
  }
}
