import { basename } from 'node:path'
import type { ModelFacts } from '../token-engine.ts'
import { type Child, type Death, startChild } from './child.ts'
import type { FromChild, ModelOptions, StepEvent } from './protocol.ts'

/** The part of a logger that the engine uses; pino's has it. */
export interface EngineLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Deaths in a row before the model was ever loaded, after which the start is given up. */
const LOADING_ATTEMPTS = 3
/** Waits between restarts; the last one is repeated for as long as it takes. */
const RESTART_MS: readonly number[] = [50, 500, 2_000, 5_000, 15_000, 30_000]
/** A child that has lived for so long after loading is not in a crash loop. */
const PROVEN_MS = 30_000

export interface SupervisorOptions {
  readonly id: string
  readonly model: ModelOptions
  readonly log: EngineLog
  onStep(events: readonly (readonly [id: number, event: StepEvent])[]): void
  /** The child is no more, and with it all that it worked on. */
  onLost(): void
  /** Starts a process; absent: a real one. */
  launch?(onMessage: (message: FromChild) => void, onDeath: (death: Death) => void): Child
}

/** Keeps one child process alive: starts it, and starts it again when it dies. */
export class Supervisor {
  readonly #options: SupervisorOptions
  #child: Child | undefined
  #facts: ModelFacts | undefined
  #slots = 1
  #isReady = false
  #isClosed = false
  /** Deaths since a child last proved itself. */
  #deaths = 0
  #timer: NodeJS.Timeout | undefined
  /** Settles when a child is ready again, or never will be. */
  #back = Promise.withResolvers<void>()

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  /** Of the weights that were loaded last. */
  get facts(): ModelFacts | undefined {
    return this.#facts
  }

  get slots(): number {
    return this.#slots
  }

  /** The child that takes requests now. */
  get child(): Child | undefined {
    return this.#isReady ? this.#child : undefined
  }

  /** @throws Error with one line for the operator. */
  async start(): Promise<void> {
    this.#launch()
    await this.#back.promise
  }

  /** Waits until a child is ready, at most so long. @returns undefined if none is. */
  async childWithin(ms: number, signal: AbortSignal): Promise<Child | undefined> {
    if (this.#isReady || this.#isClosed || signal.aborted) return this.child
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    const onAbort = () => resolve()
    signal.addEventListener('abort', onAbort)
    await Promise.race([this.#back.promise, promise]).catch(() => {})
    signal.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    return this.child
  }

  /** Ends a child that hangs; the next one starts as after a crash. */
  replace(child: Child): void {
    if (child !== this.#child) return
    this.#options.log.error({ engine: this.#options.id, pid: child.pid }, 'The engine process hangs and is replaced.')
    void child.kill()
  }

  async close(): Promise<void> {
    this.#giveUp(`The engine ${this.#options.id} was closed.`)
    await this.#child?.kill()
  }

  #launch(): void {
    const launch = this.#options.launch ?? startChild
    const child: Child = launch(
      (message) => {
        if (child === this.#child) this.#hear(child, message)
      },
      (death) => {
        if (child === this.#child) this.#bury(death)
      },
    )
    this.#child = child
    child.send({ type: 'load', options: this.#options.model })
  }

  #hear(child: Child, message: FromChild): void {
    const { id, log, onStep } = this.#options
    switch (message.type) {
      case 'step':
        onStep(message.events)
        break
      case 'loaded':
        this.#facts = message.facts
        this.#slots = message.slots
        this.#isReady = true
        log.info(
          { engine: id, pid: child.pid, contextWindow: message.facts.contextWindow, slots: message.slots },
          'The engine is ready.',
        )
        this.#timer = setTimeout(() => {
          this.#deaths = 0
        }, PROVEN_MS).unref()
        this.#back.resolve()
        break
      case 'refused':
        if (this.#facts) log.error({ engine: id }, message.message)
        else this.#giveUp(message.message)
        void child.kill()
        break
      case 'log':
        log[message.level]({ engine: id, pid: child.pid }, message.text)
        break
      default:
        message satisfies never
    }
  }

  #bury(death: Death): void {
    clearTimeout(this.#timer)
    this.#child = undefined
    if (this.#isReady) this.#back = Promise.withResolvers<void>()
    this.#back.promise.catch(() => {})
    this.#isReady = false
    this.#options.onLost()
    if (this.#isClosed) return
    const { id, log, model } = this.#options
    const how = death.lastWords ?? death.signal ?? `exit code ${death.code ?? 'unknown'}`
    this.#deaths++
    if (!this.#facts && this.#deaths >= LOADING_ATTEMPTS) {
      const file = basename(model.path)
      this.#giveUp(`The engine process died ${this.#deaths} times while it loaded ${file} (${how}).`)
      return
    }
    const waitMs = RESTART_MS[Math.min(this.#deaths, RESTART_MS.length) - 1] ?? 0
    log.error({ engine: id, ...death, waitMs }, 'The engine process died and is started again.')
    this.#timer = setTimeout(() => this.#launch(), waitMs)
  }

  #giveUp(why: string): void {
    this.#isClosed = true
    this.#isReady = false
    clearTimeout(this.#timer)
    this.#back.promise.catch(() => {})
    this.#back.reject(new Error(why))
  }
}
