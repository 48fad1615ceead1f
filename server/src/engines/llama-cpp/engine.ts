import { ServeError } from '../../completion/failure.ts'
import type { Generation, GenerationCall, GenerationEvent, ModelFacts, TokenEngine } from '../token-engine.ts'
import { checkGguf } from './gguf-file.ts'
import { Inbox } from './inbox.ts'
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
interface Work {
  /** @throws ServeError when it failed, or was cancelled. */
  next(): Promise<Exclude<StepEvent, Ending>>
  /** Cancels what is not over yet. */
  leave(): void
}

interface Open {
  readonly inbox: Inbox
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
  const settle = (generation: number, event: Parameters<Inbox['push']>[0]) => {
    const one = open.get(generation)
    one?.inbox.push(event)
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

  async function begin(ask: (id: number) => ToChild, comingBackMs: number, signal: AbortSignal): Promise<Work> {
    const child = await supervisor.childWithin(comingBackMs, signal)
    if (signal.aborted) throw new ServeError(cancelled)
    if (!child) throw new ServeError(unavailable)
    const number = ++lastId
    const inbox = new Inbox((events) => child.send({ type: 'consumed', id: number, events }), AHEAD_MAX / 4)
    const mine: Open = { inbox }
    open.set(number, mine)
    let giveUp: NodeJS.Timeout | undefined
    const cancel = () => {
      if (!open.has(number) || mine.watchdog) return
      child.send({ type: 'cancel', id: number })
      mine.watchdog = setTimeout(() => supervisor.replace(child), hangMs).unref()
      // What is still on its way says what was generated, and that is paid for; but nobody waits long for an engine that hangs.
      giveUp = setTimeout(() => inbox.push({ type: 'cancelled' }), CONFIRM_MS)
    }
    signal.addEventListener('abort', cancel)
    child.send(ask(number))
    return {
      next: async () => {
        const event = await inbox.next()
        if (event.type === 'failed') throw new ServeError(event.failure)
        if (event.type === 'cancelled') throw new ServeError(cancelled)
        return event
      },
      leave: () => {
        signal.removeEventListener('abort', cancel)
        cancel()
        clearTimeout(giveUp)
      },
    }
  }

  async function* generate(
    generation: Generation,
    { namespace, signal }: GenerationCall,
  ): AsyncGenerator<GenerationEvent> {
    const work = await begin((id) => ({ type: 'generate', id, namespace, generation }), COMING_BACK_MS, signal)
    try {
      for (;;) {
        const event = await work.next()
        if (event.type === 'counted') throw new ServeError(confused)
        yield event
        if (event.type === 'ended') return
      }
    } finally {
      work.leave()
    }
  }

  async function count(prompt: readonly string[], signal: AbortSignal): Promise<number> {
    const work = await begin((id) => ({ type: 'count', id, prompt }), 0, signal)
    try {
      const event = await work.next()
      if (event.type !== 'counted') throw new ServeError(confused)
      return event.tokens
    } finally {
      work.leave()
    }
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
