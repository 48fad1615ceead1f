import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Llama, LlamaModel, Token } from 'node-llama-cpp'
import { type Failure, ServeError } from '../../completion/failure.ts'
import { type Generation, piecesOf } from '../token-engine.ts'
import { Batches, type Part, type Threads } from './batches.ts'
import { type Prepared, RunningGeneration } from './generation.ts'
import { Grammars } from './grammars.ts'
import type { NativeContext } from './native.ts'
import { PrefillBudget, shares } from './prefill-budget.ts'
import { type CountedPrompt, tokenizePrompt } from './prompt-slices.ts'
import type { StepEvent } from './protocol.ts'
import type { SequencePool } from './sequences.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface OpenModel {
  readonly llama: Llama
  readonly model: LlamaModel
  readonly native: NativeContext
  readonly threads: Threads
  readonly vocabulary: Vocabulary
  readonly pool: SequencePool
  /** Prompt plus output, in tokens. */
  readonly contextWindow: number
  readonly flashAttention: boolean
}

/** A prompt that is being counted goes on once a step, so that it does not slow the answers; a long step is not waited for. */
const REST_MS = 25
/** The lists of banned texts are few: they come from the dialects. */
const LISTS_KEPT = 64

interface Submitted {
  readonly id: number
  readonly namespace: string
  readonly cancel: AbortController
  prepared?: Prepared
  running?: RunningGeneration
  /** The step that last read some of its prompt, or before which it got its sequence. */
  readAt: number
}

/**
 * The one loop that computes. Each round takes one step of everything that runs: a token of each answer that is being written, all
 * of them in one batch, and a part of each prompt that is being read.
 */
export class Scheduler {
  readonly #open: OpenModel
  readonly #batches: Batches
  readonly #grammars: Grammars
  readonly #budget: PrefillBudget
  readonly #send: (events: readonly (readonly [number, StepEvent])[]) => void
  readonly #onDefect: (text: string) => void
  /** In the order in which they came: whoever waits gets a sequence in turn. */
  readonly #all = new Map<number, Submitted>()
  /** Prompts that are being counted. */
  readonly #counts = new Map<number, AbortController>()
  /** Settles when the last of those who count has had its turn. */
  #turns = Promise.resolve()
  readonly #banned = new Map<string, Uint32Array>()
  /** The step that is being computed. */
  #step: Promise<void> | undefined
  #steps = 0
  #outbox: (readonly [number, StepEvent])[] = []
  #wake: () => void = () => {}
  #awake = false

  constructor(
    open: OpenModel,
    prefillTokens: number,
    send: (events: readonly (readonly [number, StepEvent])[]) => void,
    onDefect: (text: string) => void,
  ) {
    this.#open = open
    this.#batches = new Batches(open.native, open.threads, process.env.UV_THREADPOOL_SIZE === '1')
    this.#grammars = new Grammars(open.llama, open.model)
    this.#budget = new PrefillBudget(prefillTokens, open.flashAttention)
    this.#send = send
    this.#onDefect = onDefect
  }

  /** Its events arrive by `send`; nothing is thrown. */
  submit(id: number, namespace: string, generation: Generation): void {
    const submitted: Submitted = { id, namespace, cancel: new AbortController(), readAt: 0 }
    this.#all.set(id, submitted)
    this.#prepare(generation, submitted.cancel.signal).then(
      (prepared) => {
        submitted.prepared = prepared
        this.#stir()
      },
      (error: unknown) => {
        if (!submitted.cancel.signal.aborted) this.#fail(submitted, error)
        this.#stir()
      },
    )
  }

  /** Its number arrives by `send`; nothing is thrown. */
  count(id: number, prompt: readonly string[]): void {
    const cancel = new AbortController()
    const { signal } = cancel
    this.#counts.set(id, cancel)
    const counting = this.#count(prompt, signal).then(
      (tokens): StepEvent => ({ type: 'counted', tokens }),
      (error: unknown): StepEvent =>
        signal.aborted ? { type: 'cancelled' } : { type: 'failed', failure: this.#failureOf(error) },
    )
    void counting.then((event) => this.#endCount(id, event))
  }

  cancel(id: number): void {
    this.#counts.get(id)?.abort()
    this.#endCount(id, { type: 'cancelled' })
    this.#all.get(id)?.cancel.abort()
    this.#stir()
  }

  consumed(id: number, events: number): void {
    this.#all.get(id)?.running?.consumed(events)
    this.#stir()
  }

  /** Runs for good. @throws only when the engine is beyond repair. */
  async run(): Promise<never> {
    for (;;) {
      this.#dismiss()
      await this.#admit()
      const active = [...this.#all.values()].filter(({ running }) => running && !running.resting)
      if (active.length > 0) {
        this.#step = this.#advance(active)
        await this.#step
        this.#step = undefined
      } else {
        this.#flush()
        await this.#rest()
      }
    }
  }

  async #advance(active: readonly Submitted[]): Promise<void> {
    this.#steps++
    // Who has waited longest comes first: beside answers there is not a piece for each in every step.
    const readers = active.filter(({ running }) => running && running.unread > 0).sort((a, b) => a.readAt - b.readAt)
    const writers = active.length - readers.length
    const unread = readers.map(({ running }) => running?.unread ?? 0)
    const budgets = shares(this.#budget.tokens(writers), unread, this.#budget.least)
    const tokens = budgets.reduce((a, b) => a + b, 0)
    const parts = new Map<Part, Submitted>()
    for (const submitted of active) {
      const budget = budgets[readers.indexOf(submitted)] ?? 0
      const part = submitted.running?.part(budget)
      if (part) parts.set(part, submitted)
      if (budget > 0) submitted.readAt = this.#steps
    }
    const began = performance.now()
    const computing = this.#batches.compute([...parts.keys()])
    // What the last step said leaves while this one computes.
    this.#flush()
    const failed = await computing
    for (const [part, error] of failed) {
      const submitted = parts.get(part)
      if (!submitted) continue
      await submitted.running?.discard()
      this.#fail(submitted, error)
    }
    if (writers === 0) this.#budget.learn(tokens, performance.now() - began)
  }

  /** Counts, compiles and checks, beside whatever runs. */
  async #prepare(generation: Generation, signal: AbortSignal): Promise<Prepared> {
    const { contextWindow } = this.#open
    const { tokens, total } = await this.#tokenize(
      piecesOf(generation) as readonly (string | readonly Token[])[],
      async () => {
        await this.#rested()
        signal.throwIfAborted()
      },
    )
    if (total >= contextWindow)
      throw new ServeError({
        code: 'context-too-long',
        message: `This model's maximum context length is ${contextWindow} tokens. Your messages have ${total} tokens. Please shorten the messages.`,
        param: 'messages',
      })
    if (total === 0)
      throw new ServeError({ code: 'invalid-request', message: 'The prompt is empty.', param: 'messages' })
    const grammars = await Promise.all(generation.constraints.map(({ gbnf }) => this.#grammars.start(gbnf)))
    return { generation, prompt: tokens, grammars, banned: this.#tokensOf(generation.banned) }
  }

  /** All who count take turns, one slice between two steps: they are as many as requests come, and not as many as there are slots. */
  async #count(prompt: readonly string[], signal: AbortSignal): Promise<number> {
    const turn = async () => {
      this.#turns = this.#turns.then(() => (signal.aborted ? undefined : this.#rested()))
      await this.#turns
      signal.throwIfAborted()
    }
    await turn()
    return (await this.#tokenize(prompt, turn)).total
  }

  /** Once only: who is no longer counted for is told so at once, not when it would have been its turn. */
  #endCount(id: number, event: StepEvent): void {
    if (this.#counts.delete(id)) this.#send([[id, event]])
  }

  #tokenize(prompt: readonly (string | readonly Token[])[], rest: () => Promise<void>): Promise<CountedPrompt<Token>> {
    const { vocabulary, contextWindow } = this.#open
    const tokenize = (text: string, continued: boolean) => vocabulary.tokenize(text, continued)
    return tokenizePrompt(prompt, contextWindow - 1, vocabulary.parsedTexts, tokenize, rest)
  }

  /** Lets the running step end, or others have their turn. */
  async #rested(): Promise<void> {
    await (this.#step ? Promise.race([this.#step, pause(REST_MS)]) : nextTurn())
  }

  /** What is never to be drawn. An answer can always end. */
  #tokensOf(banned: readonly string[]): Uint32Array {
    const { model, vocabulary } = this.#open
    const key = banned.join('\0')
    const known = this.#banned.get(key)
    if (known) return known
    const never = new Set<Token>(vocabulary.hidden)
    for (const text of banned) {
      const token = vocabulary.single(text)
      if (token !== undefined && !model.isEogToken(token)) never.add(token)
    }
    const tokens = Uint32Array.from(never)
    if (this.#banned.size >= LISTS_KEPT) this.#banned.clear()
    this.#banned.set(key, tokens)
    return tokens
  }

  /** Gives free sequences to those who wait. */
  async #admit(): Promise<void> {
    for (const submitted of this.#all.values()) {
      const { id, namespace, prepared, running } = submitted
      if (running || !prepared) continue
      const lease = await this.#open.pool.acquire(namespace, prepared.prompt)
      if (!lease) return
      submitted.readAt = this.#steps
      submitted.running = new RunningGeneration(prepared, lease, this.#open, (event) => this.#outbox.push([id, event]))
    }
  }

  /** Lets go of what was cancelled or has ended. */
  #dismiss(): void {
    for (const [id, { cancel, running }] of this.#all) {
      const isOver = running?.ended === true
      if (!isOver && !cancel.signal.aborted) continue
      running?.close()
      if (!isOver) this.#outbox.push([id, { type: 'cancelled' }])
      this.#all.delete(id)
    }
  }

  #fail({ id }: Submitted, error: unknown): void {
    this.#all.delete(id)
    this.#outbox.push([id, { type: 'failed', failure: this.#failureOf(error) }])
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof ServeError) return error.failure
    this.#onDefect(error instanceof Error ? error.message : String(error))
    return { code: 'engine-lost', message: 'The engine failed while it worked on this request.' }
  }

  #flush(): void {
    for (const { running } of this.#all.values()) running?.tell()
    if (this.#outbox.length === 0) return
    this.#send(this.#outbox)
    this.#outbox = []
  }

  #stir(): void {
    this.#awake = true
    this.#wake()
  }

  async #rest(): Promise<void> {
    if (!this.#awake)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#awake = false
  }
}
