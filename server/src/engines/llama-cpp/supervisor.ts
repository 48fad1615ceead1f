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
/** How often a child is asked whether it is alive; computing never keeps it from answering. */
const PING_MS = 5_000
/** Rounds without a word, after which it hangs: rounds and not a time, so that a machine that slept blames nobody. */
const SILENT_ROUNDS = 3
/** A child that has lived for so long after loading is not in a crash loop. */
const PROVEN_MS = 30_000

export interface SupervisorOptions {
  readonly id: string
  readonly model: ModelOptions
  readonly log: EngineLog
  onStep(events: readonly (readonly [id: number, event: StepEvent])[]): void
  /** The child is no more, and with it all that it worked on. */
  onLost(): void
  /** How long a child that was told to end may go on with what it works on, in milliseconds. */
  readonly drainMs: number
  /** Whether the child works on something; who says yes calls `rested` later. */
  isBusy(): boolean
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
  #isLeaving = false
  /** Whoever uses it ends too, and no child is replaced for being told so. */
  #stays = false
  /** Deaths since a child last proved itself. */
  #deaths = 0
  #timer: NodeJS.Timeout | undefined
  #pulse: NodeJS.Timeout | undefined
  #drain: NodeJS.Timeout | undefined
  #silentRounds = 0
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
    return this.#isReady && !this.#isLeaving ? this.#child : undefined
  }

  /** The child was told to end: it takes nothing new, and the next one starts once it has nothing to do. */
  get isLeaving(): boolean {
    return this.#isLeaving
  }

  /** @throws Error with one line for the operator. */
  async start(): Promise<void> {
    this.#launch()
    await this.#back.promise
  }

  /** Waits until a child is ready, at most so long. @returns undefined if none is. */
  async childWithin(ms: number, signal: AbortSignal): Promise<Child | undefined> {
    if (this.child || this.#isClosed || signal.aborted) return this.child
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

  /** To be called when the child has nothing more to do. */
  rested(): void {
    if (this.#isLeaving) void this.#child?.kill()
  }

  /** From now on a child works on until `close`, whatever it is told: a stop of the service may be told to all of its processes. */
  stay(): void {
    this.#stays = true
    if (!this.#isLeaving) return
    clearTimeout(this.#drain)
    this.#isLeaving = false
    this.#back.resolve()
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
        this.#watch(child)
        this.#back.resolve()
        break
      case 'alive':
        this.#silentRounds = 0
        break
      case 'leaving':
        this.#retire(child)
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

  /** A process can stand still without dying; nobody who waits for it would ever know. */
  #watch(child: Child): void {
    this.#silentRounds = 0
    this.#pulse = setInterval(() => {
      if (this.#silentRounds++ >= SILENT_ROUNDS) this.replace(child)
      else child.send({ type: 'ping' })
    }, PING_MS).unref()
  }

  #retire(child: Child): void {
    if (!this.child || this.#stays || this.#isClosed) return
    const { id, log, drainMs, isBusy } = this.#options
    log.info({ engine: id, pid: child.pid, drainMs }, 'The engine process was told to end; another one follows it.')
    this.#isLeaving = true
    this.#back = Promise.withResolvers<void>()
    this.#drain = setTimeout(() => void child.kill(), drainMs).unref()
    if (!isBusy()) void child.kill()
  }

  #bury(death: Death): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#drain)
    clearInterval(this.#pulse)
    const wasLeaving = this.#isLeaving
    this.#child = undefined
    if (this.#isReady && !wasLeaving) this.#back = Promise.withResolvers<void>()
    this.#back.promise.catch(() => {})
    this.#isReady = false
    this.#isLeaving = false
    this.#options.onLost()
    if (this.#isClosed) return
    if (wasLeaving) {
      this.#launch()
      return
    }
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
    clearTimeout(this.#drain)
    clearInterval(this.#pulse)
    this.#back.promise.catch(() => {})
    this.#back.reject(new Error(why))
  }
}
