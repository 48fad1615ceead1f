import type { Logger } from 'pino'
import type { CompletionEvent } from '../completion/event.ts'
import type { Layer } from '../completion/serve.ts'
import { noUsage } from '../completion/usage.ts'
import type { Metrics } from '../lib/metrics.ts'

/** One log line and one count for each completion, with the very usage that the client was told. Never a word of it. */
export const observe =
  (log: Logger, metrics: Metrics): Layer =>
  (next) =>
    async function* (request, call) {
      const began = performance.now()
      let firstWordMs: number | undefined
      let ending: CompletionEvent | undefined
      metrics.running.inc({ model: request.model })
      try {
        for await (const event of next(request, call)) {
          if (event.type !== 'started' && !call.whole) firstWordMs ??= performance.now() - began
          if (event.type === 'finished' || event.type === 'failed') ending = event
          yield event
        }
      } finally {
        const ms = performance.now() - began
        const outcome = outcomeOf(ending)
        const usage = (ending && 'usage' in ending && ending.usage) || noUsage
        metrics.running.dec({ model: request.model })
        metrics.requests.inc({ model: request.model, outcome })
        metrics.duration.observe({ model: request.model }, ms / 1000)
        if (firstWordMs !== undefined && ending?.type === 'finished')
          metrics.firstWord.observe({ model: request.model }, firstWordMs / 1000)
        metrics.tokens.inc({ model: request.model, kind: 'prompt' }, usage.promptTokens)
        metrics.tokens.inc({ model: request.model, kind: 'cached' }, usage.cachedTokens)
        metrics.tokens.inc({ model: request.model, kind: 'completion' }, usage.completionTokens)
        metrics.tokens.inc({ model: request.model, kind: 'reasoning' }, usage.reasoningTokens)
        log.info(
          {
            request: call.id,
            tenant: call.tenant,
            key: call.keyId,
            user: call.userId,
            model: request.model,
            outcome,
            ...(outcome === 'cancelled' && { status: 499 }),
            firstWordMs: firstWordMs === undefined ? undefined : Math.round(firstWordMs),
            ms: Math.round(ms),
            usage,
          },
          'completion',
        )
      }
    }

const outcomeOf = (ending: CompletionEvent | undefined): string =>
  ending?.type === 'finished' ? ending.reason : ending?.type === 'failed' ? ending.failure.code : 'abandoned'
