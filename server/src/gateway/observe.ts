import type { Logger } from 'pino'
import type { Ending } from '../completion/event.ts'
import { type Layer, layer } from '../completion/layer.ts'
import type { Hedge, Resume } from '../completion/serve.ts'
import { decisive, sinceBegan, type Trace } from '../completion/trace.ts'
import { noUsage, type Usage } from '../completion/usage.ts'
import type { Metrics } from '../lib/metrics.ts'

/** One log line and one count for each completion, with the very usage that the client was told. Never a word of it. */
export const observe = (log: Logger, metrics: Metrics): Layer =>
  layer((request, call) => {
    const { model } = request
    const began = performance.now()
    let firstWordMs: number | undefined
    let ending: Ending | undefined
    const resumes: Resume[] = []
    let hedge: Hedge | undefined
    metrics.running.add(model, 1)
    return {
      call: {
        ...call,
        onResumed: (resume) => void resumes.push(resume),
        onHedged(end) {
          hedge = end
        },
      },
      see(event) {
        if (event.type !== 'started' && !call.whole) firstWordMs ??= performance.now() - began
      },
      end(event) {
        if (!call.whole) firstWordMs ??= performance.now() - began
        ending = event
        return event
      },
      over() {
        const ms = performance.now() - began
        const outcome = outcomeOf(ending)
        const usage = ending?.usage ?? noUsage
        if (call.trace) trace(call.trace, firstWordMs, outcome, usage, ending)
        metrics.running.add(model, -1)
        metrics.requests.add(model, outcome)
        metrics.duration.observe({ model }, ms / 1000)
        if (firstWordMs !== undefined && ending?.type === 'finished')
          metrics.firstWord.observe({ model }, firstWordMs / 1000)
        metrics.tokens.add(model, 'prompt', usage.promptTokens)
        metrics.tokens.add(model, 'cached', usage.cachedTokens)
        metrics.tokens.add(model, 'completion', usage.completionTokens)
        metrics.tokens.add(model, 'reasoning', usage.reasoningTokens)
        log.info(
          {
            request: call.id,
            tenant: call.tenant,
            project: call.project?.id,
            key: call.keyId,
            user: call.userId,
            model,
            outcome,
            ...(outcome === 'cancelled' && { status: 499 }),
            firstWordMs: firstWordMs === undefined ? undefined : Math.round(firstWordMs),
            ms: Math.round(ms),
            ...(resumes.length > 0 && { resumes }),
            ...(hedge && { hedge }),
            usage,
          },
          'completion',
        )
      },
    }
  })

function trace(
  trace: Trace,
  firstWordMs: number | undefined,
  outcome: string,
  usage: Usage,
  ending: Ending | undefined,
): void {
  const matchedStop = ending?.type === 'finished' ? ending.matchedStop : null
  Object.assign(trace, { endedMs: sinceBegan(trace), outcome, usage, matchedStop })
  // Of an answer in one piece: when the engine that gave it had its first word.
  const firstMs = firstWordMs === undefined ? decisive(trace)?.firstTokenMs : Math.round(firstWordMs)
  if (firstMs !== undefined) trace.firstTokenMs = firstMs
  trace.onEnded?.()
}

const outcomeOf = (ending: Ending | undefined): string =>
  ending?.type === 'finished' ? ending.reason : ending?.type === 'failed' ? ending.failure.code : 'abandoned'
