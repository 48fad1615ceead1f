import { expect } from 'vitest'
import type { Limits } from '../../src/completion/limits.ts'
import type { ModelConfig } from '../../src/config/models.ts'
import { type RemoteKind, remoteKinds } from '../../src/engines/kinds.ts'
import { chatEngine } from '../../src/engines/openai-wire/engine.ts'
import type { PrefixMode } from '../../src/engines/openai-wire/wire.ts'
import { bodyB, chunksOf, type Said } from '../client.ts'
import { type Replies, type Reply, startUpstream, type Upstream } from '../doubles/upstream.ts'
import { limitsOf, type Served, serving } from './harness.ts'

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
    readonly concurrency?: number
    readonly apiKeyFile?: string
    readonly prefixMode?: PrefixMode
    readonly equivalence?: string
  }
  /** So many engines at the address of each upstream; one unless given. */
  readonly accounts?: number
  readonly model?: Partial<ModelConfig>
  /** More replicas of the same model. */
  readonly replicas?: readonly Replies[]
}

export const apiKey = 'sk-upstream-0123456789'

/** The whole service in front of fake upstreams, each an engine of this kind. */
export async function chatDoubled(
  kind: RemoteKind,
  replies: Replies,
  { limits, engine, accounts = 1, model, replicas = [] }: ChatDoubledOptions = {},
): Promise<ChatDoubled> {
  const upstreams = await Promise.all([replies, ...replicas].map(startUpstream))
  const allLimits = limitsOf(limits)
  const served = await serving(
    (log) =>
      upstreams
        .flatMap(({ url }) => Array.from({ length: accounts }, () => url))
        .map((url, index) =>
          chatEngine(
            remoteKinds[kind],
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
    model,
  )
  const [upstream] = upstreams
  if (!upstream) throw new Error('There is always one upstream.')
  return { ...served, upstream, upstreams }
}

type Fields = Readonly<Record<string, unknown>>

/** What tests of one kind ask and look at. @param hello a plain answer of this kind, whose content is `Hello!` */
export function askingOf(kind: RemoteKind, hello: Reply) {
  const doubledAs = (replies: Replies, options?: ChatDoubledOptions) => chatDoubled(kind, replies, options)
  return {
    doubled: doubledAs,

    /** What a client hears in both modes, which must be the same (contract C69). */
    async said(replies: Replies, fields: Fields = {}, options?: ChatDoubledOptions) {
      const plainly = await doubledAs(replies, options)
      const streaming = await doubledAs(replies, options)
      const answer = await plainly.client.ask(fields)
      const streamed = await streaming.client.ask({ ...fields, stream: true })
      const idless = (one: Said) => ({ ...one, calls: one.calls.map(({ name, arguments: args }) => [name, args]) })
      expect(idless(streamed)).toEqual(idless(answer))
      return { ...answer, upstream: plainly.upstream }
    },

    /** The first request that the upstream got. */
    async got(fields: Fields, options?: ChatDoubledOptions) {
      const { client, upstream } = await doubledAs(hello, options)
      const answer = await client.post(bodyB(fields))
      expect(answer.status, answer.text).toBe(200)
      return upstream.received[0]
    },

    /** The answer fails: seamless with another replica, the contract's error without. @param late fails after some words */
    async fails(reply: Reply, late: Reply, fields: Fields = {}) {
      const { client } = await doubledAs(reply, { replicas: [hello] })
      for (let round = 0; round < 2; round++) expect(await client.ask(fields)).toMatchObject({ content: 'Hello!' })
      const alone = await doubledAs(late)
      const { chunks, done } = chunksOf((await alone.client.post(bodyB({ ...fields, stream: true }))).text)
      expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
      return { text: JSON.stringify(chunks), log: alone.log() }
    },
  }
}
