import { randomInt } from 'node:crypto'
import type { Token } from 'node-llama-cpp'
import type { Sampling } from '../../completion/request.ts'

/** What decides how tokens are drawn (contract C18). */
export interface SamplerOptions {
  readonly temperature: number
  readonly topP: number
  /** 0 … 2^32 - 2: the largest 32-bit number means "random" to llama.cpp. */
  readonly seed: number
}

const SEEDS = 2 ** 32 - 1

/** Any integer seed, brought into llama.cpp's range; without one, a random one. */
export const seedOf = (seed: number | undefined): number =>
  seed === undefined ? randomInt(SEEDS) : ((seed % SEEDS) + SEEDS) % SEEDS

export const samplerOptions = (sampling: Sampling): SamplerOptions => ({
  temperature: sampling.temperature,
  topP: sampling.topP,
  seed: seedOf(sampling.seed),
})

/** Numbers in [0, 1) from a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Draws a token as llama.cpp would: top-p on the plain distribution, then the temperature.
 * @param logits by token, the largest first.
 */
export function draw(logits: ReadonlyMap<Token, number>, { temperature, topP }: SamplerOptions, u: number): Token {
  const ranked = [...logits]
  const top = ranked[0]?.[1] ?? 0
  if (topP < 1) {
    const total = ranked.reduce((sum, [, logit]) => sum + Math.exp(logit - top), 0)
    let sum = 0
    const kept = ranked.findIndex(([, logit]) => {
      sum += Math.exp(logit - top)
      return sum >= topP * total
    })
    if (kept >= 0) ranked.length = kept + 1
  }
  const weights = ranked.map(([, logit]) => Math.exp((logit - top) / temperature))
  let target = u * weights.reduce((a, b) => a + b, 0)
  const at = weights.findIndex((weight) => {
    target -= weight
    return target < 0
  })
  const chosen = ranked[at] ?? ranked[0]
  if (!chosen) throw new Error('There is no token to draw from.')
  return chosen[0]
}
