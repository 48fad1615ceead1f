import type { Draft } from '../../completion/draft/draft.ts'
import type { Limits } from '../../completion/limits.ts'
import { openCredential } from '../credential.ts'
import type { Deadlines } from '../deadlines.ts'
import type { Engine } from '../engine.ts'
import { probeOf } from '../probe.ts'
import { answerChat } from './answer.ts'
import { canGoOn } from './go-on.ts'
import { createManners } from './late-close.ts'
import { learnTemplateSize } from './template-size.ts'
import { createTransport } from './transport.ts'
import { apiOf, prefixModeOf, type Upstream, type Wire } from './wire.ts'

export interface ChatSurroundings {
  readonly limits: Deadlines & Pick<Limits, 'qualityRetries'>
  readonly log: { warn(fields: object, message: string): void }
}

/**
 * An engine behind a chat API: it takes messages, and gives reasoning, text and calls apart.
 * @throws Error for a key file that holds no key
 */
export function chatEngine(wire: Wire, upstream: Upstream, { limits, log }: ChatSurroundings): Engine {
  const { id } = upstream
  const credential = openCredential(upstream)
  const transport = createTransport(wire, upstream, credential, (status) =>
    log.warn({ engine: id, status }, 'an engine refused a request'),
  )
  const { healthPath: path } = upstream
  const health = path === undefined ? wire.health : { ...wire.health, path }
  const probe = health && probeOf(health, apiOf(wire, upstream.url), credential)
  const size = learnTemplateSize()
  const goesOn = prefixModeOf(wire, upstream) !== undefined || upstream.equivalence !== undefined
  const writer = goesOn ? writerOf(wire, upstream) : undefined
  return {
    id,
    facts: {
      contextWindow: upstream.contextWindow,
      maxOutput: Math.min(upstream.maxOutput, upstream.contextWindow),
      canThink: upstream.thinking ?? true,
      logprobs: upstream.logprobs,
      identity: `${wire.kind}\0${upstream.model}`,
    },
    slots: upstream.concurrency,
    // Whether it is well is for its breaker to know.
    ready: () => true,
    serve: answerChat({
      wire,
      upstream,
      transport,
      manners: createManners(() =>
        log.warn(
          { engine: id },
          'an engine writes its reasoning into the answer: with a reasoning parser it can be streamed',
        ),
      ),
      limits,
      ...(writer !== undefined && { writer }),
      onPrompt: size.see,
      onFailure(failure) {
        if (!failure.elsewhere) log.warn({ engine: id, failure: failure.code }, 'an engine failed')
      },
    }),
    ...(writer !== undefined && {
      continues: (draft: Draft) =>
        (draft.writer === writer || isEquivalent(draft, upstream)) && canGoOn(draft, wire, upstream),
    }),
    promptTokensMax: size.tokensMax,
    ...(probe && { probe }),
    close: async () => {
      transport.close()
      await probe?.close()
    },
  }
}

/** All that a chat API says of its weights is their name: only at one address the same name means the same ones. */
const writerOf = ({ kind }: Wire, { url, model, equivalence }: Upstream): string =>
  equivalence === undefined ? `chat\0${kind}\0${url}\0${model}` : `equivalent\0${equivalence}\0chat`

/** Whether a token engine wrote it that is as good. */
const isEquivalent = ({ writer }: Draft, { equivalence }: Upstream): boolean =>
  equivalence !== undefined && (writer?.startsWith(`equivalent\0${equivalence}\0`) ?? false)
