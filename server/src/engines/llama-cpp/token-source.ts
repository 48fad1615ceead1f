import type { LlamaContextSequence, LlamaGrammarEvaluationState, LlamaModel, Token, TokenBias } from 'node-llama-cpp'
import type { TokenLogprob } from '../../completion/event.ts'
import { draw, type SamplerOptions, uniform } from './sampling.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Sampled {
  readonly token: Token
  readonly logprob?: TokenLogprob
}

/** One generation's tokens, one at a time; each call is one place in the batch of a step. */
export interface TokenSource {
  /**
   * @param instead takes the place of the last token in the model's memory.
   * @returns undefined at an end-of-generation token.
   */
  next(instead?: readonly Token[]): Promise<Sampled | undefined>
  close(): Promise<void>
}

export interface SourceOptions {
  readonly model: LlamaModel
  readonly vocabulary: Vocabulary
  readonly sequence: LlamaContextSequence
  readonly sampler: SamplerOptions
  readonly bias: TokenBias | undefined
  /** Asked for each token. Undefined when the generation has no constraint at all. */
  readonly grammar: (() => LlamaGrammarEvaluationState | undefined) | undefined
  /** How many alternatives each token comes with; undefined: no log probabilities. */
  readonly top: number | undefined
}

/** @param rest the prompt's last tokens, at least one; the first call computes them. */
export function openSource(options: SourceOptions, rest: Token[]): TokenSource {
  return options.top !== undefined && !options.grammar
    ? new ScoredSource(options, rest, options.top)
    : new SampledSource(options, rest)
}

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
 * The library's own loop. With log probabilities asked for beside a constraint they are those that the token was drawn with:
 * after the grammar, top-p and temperature, because a grammar works here only.
 */
class SampledSource implements TokenSource {
  readonly #options: SourceOptions
  readonly #tokens: AsyncGenerator<{ token: Token; probabilities?: Map<Token, number> }, void, Token[] | undefined>

  constructor(options: SourceOptions, rest: Token[]) {
    this.#options = options
    const { sequence, sampler, bias, grammar, top } = options
    const sampling = {
      ...sampler,
      ...(bias && { tokenBias: bias }),
      ...(grammar && { grammarEvaluationState: grammar }),
    }
    this.#tokens = sequence.evaluateWithMetadata(rest, { probabilities: top !== undefined }, sampling)
  }

  async next(instead?: readonly Token[]): Promise<Sampled | undefined> {
    const { value, done } = await this.#tokens.next(instead && [...instead])
    if (done || !value) return undefined
    const { vocabulary, top } = this.#options
    const { token, probabilities } = value
    if (top === undefined || !probabilities) return { token }
    const of = (one: Token) => Math.log(probabilities.get(one) ?? 0)
    const ranked = [...probabilities].sort((a, b) => b[1] - a[1]).slice(0, top)
    return {
      token,
      logprob: logprobsOf(
        vocabulary,
        token,
        of,
        ranked.map(([one]) => one),
      ),
    }
  }

  async close(): Promise<void> {
    await this.#tokens.return()
  }
}

/** Token by token, with the exact log probabilities before sampling. Banned tokens do not count in them. */
class ScoredSource implements TokenSource {
  readonly #options: SourceOptions
  readonly #top: number
  readonly #random: () => number
  #pending: Token[]

  constructor(options: SourceOptions, rest: Token[], top: number) {
    this.#options = options
    this.#top = top
    this.#random = uniform(options.sampler.seed)
    this.#pending = rest
  }

  async next(instead?: readonly Token[]): Promise<Sampled | undefined> {
    if (instead) this.#pending = [...instead]
    const { model, vocabulary, sequence, sampler, bias } = this.#options
    // The engine's sampler changes the logits it reports, except greedily and at temperature and top-p 1. Elsewhere it is
    // asked for all of them, greedily, and the token is drawn here. A call has no memory, so each needs a seed of its own.
    const plain = sampler.temperature === 0 || (sampler.temperature === 1 && sampler.topP === 1)
    const seed = Math.floor(this.#random() * (2 ** 32 - 1))
    const outputs = await sequence.controlledEvaluate([
      ...this.#pending.slice(0, -1),
      [
        this.#pending.at(-1) as Token,
        {
          generateNext: {
            token: true,
            logits: {
              filter: {
                tokens: [],
                includeTop: plain ? Math.max(1, this.#top) : vocabulary.size,
                includeSelected: true,
              },
            },
            totalLogitWeight: true,
            options: {
              ...sampler,
              seed,
              ...(plain ? {} : { temperature: 0, topP: 1 }),
              ...(bias && { tokenBias: bias }),
            },
          },
        },
      ],
    ])
    const next = outputs.at(-1)?.next
    const { logits, totalLogitWeight: weight } = next ?? {}
    if (!logits || weight === undefined) throw new Error('The engine gave no logits.')
    const ranked = [...logits].sort((a, b) => b[1] - a[1])
    const token = plain ? next?.token : draw(new Map(ranked), sampler, this.#random())
    if (token === undefined || token === null) throw new Error('The engine gave no token.')
    if (model.isEogToken(token)) return undefined
    this.#pending = [token]
    const norm = (ranked[0]?.[1] ?? 0) + Math.log(weight)
    const of = (one: Token) => (logits.get(one) ?? Number.NEGATIVE_INFINITY) - norm
    const best = ranked.slice(0, this.#top).map(([one]) => one)
    return { token, logprob: logprobsOf(vocabulary, token, of, best) }
  }

  async close(): Promise<void> {}
}
