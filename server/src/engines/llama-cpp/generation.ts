import type { LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import type { Said } from '../../completion/steps/passage.ts'
import { CueWatch } from '../cue-watch.ts'
import type { Generation } from '../token-engine.ts'
import type { Part } from './batches.ts'
import { HeldText, incompleteTail } from './held-text.ts'
import type { NativeContext } from './native.ts'
import { AHEAD_MAX, type StepEvent } from './protocol.ts'
import { samplerOptions } from './sampling.ts'
import type { Lease } from './sequences.ts'
import { openSource, type Sampled, type SourceOptions, type TokenSource } from './token-source.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A request that was counted and fits, with everything that had to be compiled for it. */
export interface Prepared {
  readonly generation: Generation
  readonly prompt: readonly Token[]
  /** One fresh state for each of `generation.constraints`. */
  readonly grammars: readonly LlamaGrammarEvaluationState[]
  /** Tokens that are never drawn. */
  readonly banned: Uint32Array
}

/** Tokens of a prompt after which its sequence is marked, where it has to be: a later prompt that differs soon after goes on from there. */
const MARK_EVERY = 8_192

/** What a generation needs of the model. */
interface Writing {
  readonly model: LlamaModel
  readonly native: NativeContext
  readonly vocabulary: Vocabulary
  readonly contextWindow: number
}

/** A request with a sequence: first it reads its prompt, then it writes, one token a step. */
export class RunningGeneration {
  readonly #prepared: Prepared
  readonly #vocabulary: Vocabulary
  readonly #lease: Lease
  readonly #emit: (event: StepEvent) => void
  readonly #drawing: SourceOptions
  readonly #held = new HeldText()
  readonly #contextWindow: number
  readonly #limit: number
  #source: TokenSource | undefined
  /** Prompt tokens that are in the sequence. */
  #read: number
  /** How many of them were when it was marked. */
  #marked: number
  #written = 0
  /** Text events that the reader has not taken yet, an untold one included. */
  #ahead = 0
  #watch: CueWatch | undefined
  #ruling: LlamaGrammarEvaluationState | undefined
  /** What it wrote last and the sequence has not got yet. */
  #pending: readonly Token[] = []
  /** The same, while nobody was told of it. */
  #untold: Sampled | undefined
  #ended = false

  constructor(
    prepared: Prepared,
    lease: Lease,
    { model, native, vocabulary, contextWindow }: Writing,
    emit: (event: StepEvent) => void,
  ) {
    const { generation, prompt, grammars, banned } = prepared
    this.#prepared = prepared
    this.#vocabulary = vocabulary
    this.#lease = lease
    this.#emit = emit
    this.#contextWindow = contextWindow
    this.#read = lease.cached
    this.#marked = lease.cached
    this.#limit = Math.min(generation.maxTokens, contextWindow - prompt.length)
    const cues = generation.constraints.map((constraint) => constraint.after ?? '')
    const atOnce = cues.indexOf('')
    if (atOnce >= 0) this.#ruling = grammars[atOnce]
    else if (cues.length > 0) this.#watch = new CueWatch(cues)
    const ruling = () => this.#ruling
    this.#drawing = {
      ...{ native, model, vocabulary, banned },
      sampler: samplerOptions(generation.sampling),
      grammar: cues.length > 0 ? ruling : undefined,
      top: generation.logprobs?.top,
    }
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
   * What it has of the next step: some of the prompt, or the token that it wrote last.
   * @param budget prompt tokens that the step may read; without meaning once all are read.
   * @returns undefined where it has to wait
   */
  part(budget: number): Part | undefined {
    const { unread } = this
    const { sequence } = this.#lease
    const draw: Part['await'] = (place, computed) => this.#draw(place, computed)
    if (unread === 0) return { sequence, tokens: this.#pending, mark: false, draws: true, await: draw }
    if (budget === 0) return undefined
    // A model whose memory cannot be cut back anywhere gets a mark before the last token, where the next prompt may start.
    const { needsCheckpoints } = sequence
    const length = Math.min(budget, needsCheckpoints && unread > 1 ? unread - 1 : unread)
    const draws = length === unread
    const mark = needsCheckpoints && (draws || this.#read - this.#marked >= MARK_EVERY)
    if (mark) this.#marked = this.#read
    const tokens = this.#prepared.prompt.slice(this.#read, this.#read + length)
    const note: Part['await'] = async (_, computed) => {
      await computed
      this.#read += length
      this.#emit({ type: 'progress', promptTokensRead: this.#read })
    }
    return { sequence, tokens, mark, draws, await: draws ? draw : note }
  }

  /** Tells of the token that was drawn last: while the next one is computed, so that no step waits for more than its tokens. */
  tell(): void {
    const untold = this.#untold
    if (!untold) return
    this.#untold = undefined
    const { token, logprob } = untold
    const whole = this.#pending
    const bytes = this.#vocabulary.bytes(token)
    const { text, logprobs } = this.#held.push(bytes, logprob)
    const said = this.#hear(text, bytes)
    // Of a token that was shortened nobody should say that it was written.
    const name =
      this.#pending === whole
        ? { token, ...((text === '' || incompleteTail(bytes) > 0) && { open: true as const }) }
        : {}
    this.#say({ text: said, tokens: 1, ...(logprobs.length > 0 && { logprobs }), ...name })
  }

  /** Ends, and gives the sequence back; it remembers what was computed. */
  close(): void {
    this.tell()
    this.#ended = true
    this.#source?.close()
    this.#lease.release()
  }

  /** Ends after a failure in the engine: what the sequence holds is in doubt. */
  async discard(): Promise<void> {
    this.tell()
    this.#ended = true
    this.#source?.close()
    await this.#lease.discard()
  }

  async #draw(place: number, computed: Promise<void>): Promise<void> {
    this.#source ??= openSource(this.#drawing)
    const [sampled] = await Promise.all([this.#source.next(place), computed])
    this.#read = this.#prepared.prompt.length
    if (sampled) this.#take(sampled)
    else this.#end('stop')
  }

  #take(sampled: Sampled): void {
    this.#written++
    this.#ahead++
    this.#pending = [sampled.token]
    this.#untold = sampled
    // A cue may change what the next step computes.
    if (this.#watch) this.tell()
    const remembered = this.#lease.sequence.nextTokenIndex + this.#pending.length
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
    this.#pending = this.#vocabulary.tokenize(kept, true)
    return text.slice(0, end)
  }

  #say(said: Said): void {
    this.#emit({ type: 'text', ...said })
  }

  #end(reason: 'stop' | 'length'): void {
    this.tell()
    const { text, logprobs } = this.#held.end()
    if (text !== '' || logprobs.length > 0) {
      this.#ahead++
      this.#say({ text, tokens: 0, ...(logprobs.length > 0 && { logprobs }) })
    }
    this.#ended = true
    this.#emit({ type: 'ended', reason })
  }
}
