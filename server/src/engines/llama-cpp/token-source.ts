import type { LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import type { TokenLogprob } from '../../completion/event.ts'
import {
  grammarState,
  type NativeContext,
  type NativeSampler,
  newSampler,
  pairsOf,
  type SamplerConfig,
} from './native.ts'
import { draw, type SamplerOptions, uniform } from './sampling.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Sampled {
  readonly token: Token
  readonly logprob?: TokenLogprob
}

/** Draws one generation's tokens. */
export interface TokenSource {
  /**
   * @param place of the logits in the batch that was computed last
   * @returns undefined at an end-of-generation token.
   */
  next(place: number): Promise<Sampled | undefined>
  /** Gives its native memory back. */
  close(): void
}

export interface SourceOptions {
  readonly native: NativeContext
  readonly model: LlamaModel
  readonly vocabulary: Vocabulary
  readonly sampler: SamplerOptions
  /** Never drawn, unless the constraint leaves nothing else. */
  readonly banned: Uint32Array
  /** Asked for each token. Undefined when the generation has no constraint at all. */
  readonly grammar: (() => LlamaGrammarEvaluationState | undefined) | undefined
  /** How many alternatives each token comes with; undefined: no log probabilities. */
  readonly top: number | undefined
}

export function openSource(options: SourceOptions): TokenSource {
  return options.top !== undefined && !options.grammar
    ? new ScoredSource(options, options.top)
    : new SampledSource(options)
}

const bias = (banned: Uint32Array): Pick<SamplerConfig, 'tokenBiasKeys' | 'tokenBiasValues'> =>
  banned.length === 0
    ? {}
    : { tokenBiasKeys: banned, tokenBiasValues: new Float32Array(banned.length).fill(Number.NEGATIVE_INFINITY) }

function logprobsOf(
  vocabulary: Vocabulary,
  token: Token,
  of: (token: Token) => number,
  ranked: readonly Token[],
): TokenLogprob {
  const entry = (one: Token) => {
    const bytes = vocabulary.bytes(one)
    return { token: bytes.toString(), bytes: [...bytes], logprob: Math.max(of(one), -9999) }
  }
  return { ...entry(token), top: ranked.map(entry) }
}

/**
 * As the engine draws. With log probabilities asked for beside a constraint they are those that the token was drawn with:
 * after the grammar, top-p and temperature.
 */
class SampledSource implements TokenSource {
  readonly #options: SourceOptions
  readonly #config: SamplerConfig
  readonly #sampler: NativeSampler
  #ruling: LlamaGrammarEvaluationState | undefined

  constructor(options: SourceOptions) {
    this.#options = options
    this.#config = { ...options.sampler, ...bias(options.banned) }
    this.#sampler = newSampler(options.model, this.#config)
  }

  async next(place: number): Promise<Sampled | undefined> {
    const { native, model, top } = this.#options
    this.#obey(this.#options.grammar?.())
    if (top === undefined) {
      const token = drawn(await native.sampleToken(place, this.#sampler))
      return model.isEogToken(token) ? undefined : { token }
    }
    const [first, pairs] = await native.sampleToken(place, this.#sampler, true, false, false, false)
    const token = drawn(first)
    return model.isEogToken(token) ? undefined : { token, logprob: this.#logprob(token, pairsOf(pairs), top) }
  }

  close(): void {
    this.#sampler.dispose()
  }

  #obey(grammar: LlamaGrammarEvaluationState | undefined): void {
    if (grammar === this.#ruling) return
    this.#ruling = grammar
    this.#sampler.applyConfig({ ...this.#config, ...(grammar && { grammarEvaluationState: grammarState(grammar) }) })
  }

  #logprob(token: Token, probabilities: ReadonlyMap<Token, number>, top: number): TokenLogprob {
    const of = (one: Token) => Math.log(probabilities.get(one) ?? 0)
    const ranked = [...probabilities].sort((a, b) => b[1] - a[1]).slice(0, top)
    return logprobsOf(
      this.#options.vocabulary,
      token,
      of,
      ranked.map(([one]) => one),
    )
  }
}

/** With the exact log probabilities before sampling. Banned tokens do not count in them. */
class ScoredSource implements TokenSource {
  readonly #options: SourceOptions
  readonly #top: number
  readonly #sampler: NativeSampler
  /**
   * Whether the engine draws: its samplers change the logits it reports, except greedily and at temperature and top-p 1. Elsewhere it is asked
   * for all of them, greedily, and the token is drawn here.
   */
  readonly #plain: boolean
  readonly #random: () => number

  constructor(options: SourceOptions, top: number) {
    const { model, sampler, banned } = options
    this.#options = options
    this.#top = top
    this.#plain = sampler.temperature === 0 || (sampler.temperature === 1 && sampler.topP === 1)
    this.#sampler = newSampler(model, { ...(this.#plain ? sampler : { temperature: 0 }), ...bias(banned) })
    this.#random = uniform(sampler.seed)
  }

  async next(place: number): Promise<Sampled | undefined> {
    const { native, model, vocabulary, sampler } = this.#options
    const wanted = this.#plain ? Math.max(1, this.#top) : vocabulary.size
    const [first, , , pairs, weight] = await native.sampleToken(
      place,
      this.#sampler,
      false,
      false,
      [[], false, false, true, wanted],
      true,
    )
    if (!pairs || weight === undefined) throw new Error('The engine gave no logits.')
    const ranked = [...pairsOf(pairs)].sort((a, b) => b[1] - a[1])
    const logits = new Map(ranked)
    const token = this.#plain ? drawn(first) : draw(logits, sampler, this.#random())
    if (model.isEogToken(token)) return undefined
    const norm = (ranked[0]?.[1] ?? 0) + Math.log(weight)
    const of = (one: Token) => (logits.get(one) ?? Number.NEGATIVE_INFINITY) - norm
    const best = ranked.slice(0, this.#top).map(([one]) => one)
    return { token, logprob: logprobsOf(vocabulary, token, of, best) }
  }

  close(): void {
    this.#sampler.dispose()
  }
}

function drawn(token: Token): Token {
  if (token < 0) throw new Error('The engine gave no token.')
  return token
}
