import type { LlamaGrammarEvaluationState, LlamaModel, Token, TokenBias } from 'node-llama-cpp'
import type { Said } from '../../completion/steps/passage.ts'
import { CueWatch } from '../cue-watch.ts'
import type { Generation } from '../token-engine.ts'
import { HeldText, incompleteTail } from './held-text.ts'
import { AHEAD_MAX, type StepEvent } from './protocol.ts'
import { samplerOptions } from './sampling.ts'
import type { Lease } from './sequences.ts'
import { openSource, type Sampled, type TokenSource } from './token-source.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A request that was counted and fits, with everything that had to be compiled for it. */
export interface Prepared {
  readonly generation: Generation
  readonly prompt: readonly Token[]
  /** One fresh state for each of `generation.constraints`. */
  readonly grammars: readonly LlamaGrammarEvaluationState[]
  readonly bias: TokenBias | undefined
}

/** A request with a sequence: first it reads its prompt, then it writes, one token a step. */
export class RunningGeneration {
  readonly #prepared: Prepared
  readonly #vocabulary: Vocabulary
  readonly #lease: Lease
  readonly #emit: (event: StepEvent) => void
  readonly #openSource: (rest: Token[]) => TokenSource
  readonly #held = new HeldText()
  readonly #contextWindow: number
  readonly #limit: number
  #source: TokenSource | undefined
  /** Prompt tokens that are in the sequence or on their way. */
  #read: number
  #written = 0
  /** Text events that the reader has not taken yet. */
  #ahead = 0
  #watch: CueWatch | undefined
  #ruling: LlamaGrammarEvaluationState | undefined
  /** What the model is to remember instead of its last token. */
  #instead: Token[] | undefined
  #ended = false

  constructor(
    prepared: Prepared,
    lease: Lease,
    { model, vocabulary, contextWindow }: { model: LlamaModel; vocabulary: Vocabulary; contextWindow: number },
    emit: (event: StepEvent) => void,
  ) {
    const { generation, prompt, grammars, bias } = prepared
    this.#prepared = prepared
    this.#vocabulary = vocabulary
    this.#lease = lease
    this.#emit = emit
    this.#contextWindow = contextWindow
    this.#read = lease.cached
    this.#limit = Math.min(generation.maxTokens, contextWindow - prompt.length)
    const cues = generation.constraints.map((constraint) => constraint.after ?? '')
    const atOnce = cues.indexOf('')
    if (atOnce >= 0) this.#ruling = grammars[atOnce]
    else if (cues.length > 0) this.#watch = new CueWatch(cues)
    const openOwn = (rest: Token[]) =>
      openSource(
        {
          model,
          vocabulary,
          sequence: lease.sequence,
          sampler: samplerOptions(generation.sampling),
          bias,
          grammar: cues.length > 0 ? () => this.#ruling : undefined,
          top: generation.logprobs?.top,
        },
        rest,
      )
    this.#openSource = openOwn
    emit({ type: 'started', promptTokens: prompt.length, cachedTokens: lease.cached })
  }

  /** Prompt tokens still to be read. */
  get unread(): number {
    return this.#prepared.prompt.length - this.#read
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The reader is too far behind. */
  get resting(): boolean {
    return this.#ahead >= AHEAD_MAX
  }

  consumed(events: number): void {
    this.#ahead -= events
  }

  /**
   * One step: some of the prompt, or one token.
   * @param budget prompt tokens that this step may read; without meaning once all are read.
   */
  async step(budget: number): Promise<void> {
    if (this.unread > 0 && budget === 0) return
    const { sequence } = this.#lease
    const { prompt } = this.#prepared
    // A model whose memory cannot be cut back anywhere gets a mark before the last token, where the next prompt may start.
    const alone = sequence.needsCheckpoints && this.unread > 1 ? 1 : 0
    const part = Math.min(budget, this.unread - alone)
    if (part < this.unread) {
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(this.#read, this.#read + part))
      this.#read += part
      this.#emit({ type: 'progress', promptTokensRead: this.#read })
      return
    }
    if (!this.#source) {
      if (sequence.needsCheckpoints) await sequence.takeCheckpoint()
      this.#source = this.#openSource(prompt.slice(this.#read))
      this.#read = prompt.length
    }
    const sampled = await this.#source.next(this.#instead)
    this.#instead = undefined
    if (sampled) this.#take(sampled)
    else this.#end('stop')
  }

  /** Ends without a word, and gives the sequence back; it remembers what was computed. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#source?.close()
    this.#lease.release()
  }

  /** Ends after a failure in the engine: what the sequence holds is in doubt. */
  async discard(): Promise<void> {
    this.#ended = true
    await this.#source?.close()
    await this.#lease.discard()
  }

  #take({ token, logprob }: Sampled): void {
    this.#written++
    const bytes = this.#vocabulary.bytes(token)
    const { text, logprobs } = this.#held.push(bytes, logprob)
    const said = this.#hear(text, bytes)
    // Of a token that was shortened nobody should say that it was written.
    const name = this.#instead
      ? {}
      : { token, ...((text === '' || incompleteTail(bytes) > 0) && { open: true as const }) }
    this.#say({ text: said, tokens: 1, ...(logprobs.length > 0 && { logprobs }), ...name })
    const remembered = this.#lease.sequence.nextTokenIndex + (this.#instead?.length ?? 1)
    if (this.#written >= this.#limit || remembered >= this.#contextWindow) this.#end('length')
  }

  /** Listens for the cue; where it ends inside the token, the rest of the token is taken back. @returns what stays of the text. */
  #hear(text: string, bytes: Buffer): string {
    const heard = this.#watch?.push(text)
    if (!heard) return text
    this.#watch = undefined
    this.#ruling = this.#prepared.grammars[heard.cue]
    const end = text.length - heard.rest
    const over = Buffer.byteLength(text.slice(end)) + incompleteTail(bytes)
    const kept = bytes.subarray(0, bytes.length - over).toString()
    if (over === 0 || kept === '' || kept.includes('\ufffd')) return text
    this.#held.drop()
    this.#instead = this.#vocabulary.tokenize(kept, true)
    return text.slice(0, end)
  }

  #say(said: Said): void {
    this.#ahead++
    this.#emit({ type: 'text', ...said })
  }

  #end(reason: 'stop' | 'length'): void {
    const { text, logprobs } = this.#held.end()
    if (text !== '' || logprobs.length > 0) this.#say({ text, tokens: 0, ...(logprobs.length > 0 && { logprobs }) })
    this.#ended = true
    this.#emit({ type: 'ended', reason })
  }
}
