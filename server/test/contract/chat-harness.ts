import type { Limits } from '../../src/completion/limits.ts'
import { deepseek } from '../../src/engines/deepseek.ts'
import { openai } from '../../src/engines/openai.ts'
import { type Replies, startUpstream, type Upstream } from '../doubles/upstream.ts'
import { limitsOf, type Served, serving } from './harness.ts'

const kinds = { deepseek, openai } as const

export interface ChatDoubled extends Served {
  /** The first upstream; others are in `upstreams`. */
  readonly upstream: Upstream
  readonly upstreams: readonly Upstream[]
}

export interface ChatDoubledOptions {
  readonly limits?: Partial<Limits>
  readonly engine?: {
    readonly contextWindow?: number
    readonly maxOutput?: number
    readonly thinking?: boolean
    readonly logprobs?: boolean
  }
  /** More replicas of the same model. */
  readonly replicas?: readonly Replies[]
}

export const apiKey = 'sk-upstream-0123456789'

/** The whole service in front of fake upstreams, each an engine of this kind. */
export async function chatDoubled(
  kind: keyof typeof kinds,
  replies: Replies,
  { limits, engine, replicas = [] }: ChatDoubledOptions = {},
): Promise<ChatDoubled> {
  const upstreams = await Promise.all([replies, ...replicas].map(startUpstream))
  const allLimits = limitsOf(limits)
  const served = await serving(
    (log) =>
      upstreams.map(({ url }, index) =>
        kinds[kind](
          {
            id: `double-${index}`,
            url,
            apiKey,
            model: 'upstream-model',
            concurrency: 100,
            contextWindow: 100_000,
            maxOutput: 50_000,
            thinking: true,
            logprobs: false,
            ...engine,
          },
          { limits: allLimits, log },
        ),
      ),
    allLimits,
  )
  const [upstream] = upstreams
  if (!upstream) throw new Error('There is always one upstream.')
  return { ...served, upstream, upstreams }
}
