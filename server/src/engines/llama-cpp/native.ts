/**
 * What lies below node-llama-cpp's own loop: to hand a batch over, and to draw a token. That loop takes a third of a millisecond of this process's
 * time for each token, and puts batches together itself. These calls are not promised to stay as they are: the library's version is
 * pinned, and nobody but this file names them (decision 0053).
 */
import type { LlamaContext, LlamaContextSequence, LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'

/** llama.cpp's context. One call at a time. */
export interface NativeContext {
  /** Begins a batch. @param tokens as many as will be added */
  initBatch(tokens: number): void
  /**
   * @param position of the first token in its sequence
   * @param wanted which of the tokens are to have logits
   * @returns their places in the batch
   */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, wanted: Uint32Array): Uint32Array
  /** Of what is computed from now on. */
  setThreads(threads: number): void
  /** Computes what was added, on another thread. */
  decodeBatch(): Promise<void>
  /** Draws from the logits of the last batch, on another thread. @returns -1 where nothing is left to draw */
  sampleToken(place: number, sampler: NativeSampler): Promise<Token>
  /**
   * The same, with what it was drawn from.
   * @param logits undefined for none; else of the drawn token and of so many likeliest ones
   */
  sampleToken(
    place: number,
    sampler: NativeSampler,
    probabilities: boolean,
    confidence: false,
    logits: LogitsWanted | false,
    weight: boolean,
  ): Promise<Detailed>
}

type LogitsWanted = readonly [tokens: [], max: false, min: false, selected: true, top: number]
/** Tokens and their values in turn. */
type Pairs = readonly number[]
type Detailed = readonly [
  token: Token,
  probabilities: Pairs | undefined,
  confidence: undefined,
  logits: Pairs | undefined,
  /** The sum of all `exp(logit - largest logit)`. */
  weight: number | undefined,
]

/** A chain of llama.cpp's samplers, in native memory until it is disposed of. */
export interface NativeSampler {
  applyConfig(config: SamplerConfig): void
  dispose(): void
}

/** What is absent has no sampler in the chain. */
export interface SamplerConfig {
  readonly temperature: number
  readonly topP?: number
  readonly seed?: number
  readonly tokenBiasKeys?: Uint32Array
  readonly tokenBiasValues?: Float32Array
  readonly grammarEvaluationState?: unknown
}

interface Sequence {
  readonly _sequenceId: number
  _nextTokenIndex: number
  readonly _contextTokens: Token[]
}
type Samplers = new (model: unknown) => NativeSampler

// The library declares none of these.
const below = <Shape>(one: object): Shape => one as Shape

export const nativeContext = (context: LlamaContext): NativeContext => below<{ _ctx: NativeContext }>(context)._ctx

export function newSampler(model: LlamaModel, config: SamplerConfig): NativeSampler {
  const { _llama: llama, _model: native } = below<{ _llama: object; _model: unknown }>(model)
  const { AddonSampler } = below<{ _bindings: { AddonSampler: Samplers } }>(llama)._bindings
  const sampler = new AddonSampler(native)
  sampler.applyConfig(config)
  return sampler
}

export const grammarState = (state: LlamaGrammarEvaluationState): unknown => below<{ _state: unknown }>(state)._state

export const sequenceId = (sequence: LlamaContextSequence): number => below<Sequence>(sequence)._sequenceId

/** Tells the library what its sequence has in its memory now: it cuts it back and compares it with prompts. */
export function remember(sequence: LlamaContextSequence, tokens: readonly Token[]): void {
  const own = below<Sequence>(sequence)
  own._contextTokens.push(...tokens)
  own._nextTokenIndex += tokens.length
}

export function pairsOf(pairs: Pairs | undefined): Map<Token, number> {
  const map = new Map<Token, number>()
  for (let i = 0; pairs && i + 1 < pairs.length; i += 2) map.set(pairs[i] as Token, pairs[i + 1] as number)
  return map
}
