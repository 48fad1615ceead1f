import type { Draft } from '../completion/draft/draft.ts'
import type { Ending, Piece } from '../completion/event.ts'
import type { Failure } from '../completion/failure.ts'
import { type Layer, layer } from '../completion/layer.ts'
import { promptBound } from '../completion/prompt-bound.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, KeptAnswer } from '../completion/serve.ts'
import { sinceBegan } from '../completion/trace.ts'
import { noUsage, type Usage } from '../completion/usage.ts'
import type { Refused } from '../ledger/book.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Price } from '../ledger/money.ts'

/** What the layer needs of the ledger. */
export type Meter = Pick<Ledger, 'hold' | 'settle' | 'follow'>

/** What a refusal is to the client (contract C90). No message speaks of quotas: DeepSeek clients would give up. */
function refusalOf({ why, whose, spent, waitMs, limit }: Refused, promptTokensMax: number): Failure {
  const owner = { key: 'API key', project: 'project', tenant: 'organization', user: 'user' }[whose]
  if (why === 'money') {
    const budget = spent === 'budget' ? `: the budget of this ${owner} is spent.` : ''
    return { code: 'insufficient-balance', message: `Insufficient Balance${budget}` }
  }
  const retryAfterSeconds = Math.min(60, Math.max(1, Math.ceil(waitMs / 1000)))
  if (why === 'size')
    return {
      code: 'rate-limited',
      message: `The messages may have up to ${promptTokensMax} tokens, and this ${owner} has a limit of ${limit} tokens a minute. Please shorten the messages.`,
      param: 'messages',
      retryAfterSeconds,
      shouldRetry: false,
    }
  return {
    code: 'rate-limited',
    message: `Rate limit reached for this ${owner}. Retry after ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
  }
}

/** Money fails closed: what cannot be written down is not served. */
const noLedger: Failure = {
  code: 'engine-unavailable',
  message: 'The ledger cannot be written at the moment. Retry after 5 seconds.',
  retryAfterSeconds: 5,
}

/** What a caller pays who hangs up: what was generated until the engine stopped, or what had left for the caller by then. */
export type HangUpCharge = 'generated' | 'delivered'

export interface MeterOptions {
  readonly priceOf: (model: string) => Price | undefined
  readonly hangUp: HangUpCharge
  /** Hears of a ledger that fails. */
  readonly onDefect: (error: unknown, callId: string) => void
}

/**
 * Keeps each key, each of its end users, each project and each tenant within their limits, in every process at once. Holds what an answer may cost at
 * most before it begins, and charges what it came to before its last event leaves: an answer whose end a client has seen is on disk
 * (promise P2). Whatever ends it, it is charged once.
 */
export const meter = (ledger: Meter, { priceOf, hangUp, onDefect }: MeterOptions): Layer =>
  layer(async (request, call) => {
    let promptTokensMax = call.promptTokensMax ?? promptBound(request)
    const order = orderOf(request, call, priceOf(request.model))
    let hold: Awaited<ReturnType<Meter['hold']>>
    try {
      hold = await ledger.hold({ ...order, promptTokensMax, ...(call.countPrompt && { coarse: true }) })
      if (!hold.granted && hold.why === 'coarse') {
        promptTokensMax = Math.min(promptTokensMax, (await call.countPrompt?.()) ?? promptTokensMax)
        hold = await ledger.hold({ ...order, promptTokensMax })
      }
    } catch (error) {
      onDefect(error, call.id)
      return { type: 'failed', failure: noLedger }
    }
    call.onLimits?.(hold)
    if (!hold.granted) return { type: 'failed', failure: refusalOf(hold, promptTokensMax) }
    if (call.trace) call.trace.admittedMs = sinceBegan(call.trace)

    const settle = async (usage: Usage, outcome: string, keep?: KeptAnswer) => {
      unfollow()
      const charge = await ledger.settle({ request: call.id, at: Date.now(), usage, outcome, ...(keep && { keep }) })
      if (call.trace && charge !== null)
        Object.assign(call.trace, { charge, ...(order.price && { price: order.price }) })
    }
    let draft: Draft | undefined
    const generated = (): Usage => draft?.tally.usage() ?? noUsage
    const sent = hangUp === 'delivered' ? countSent() : undefined
    const owed = (usage: Usage): Usage => sent?.of(usage) ?? usage
    const unfollow = ledger.follow(call.id, () => owed(generated()))
    const onDraft = (begun: Draft) => {
      draft = begun
    }
    /** The client has seen something of the answer. */
    let shown = false
    let settled = false

    /** An error instead of an answer costs nothing, however much an engine did for it. */
    function usageOf(ending: Ending): Usage {
      const known = ending.usage ?? { ...generated(), estimated: true }
      if (ending.type === 'finished') return known
      if (ending.failure.code === 'cancelled') return owed(known)
      return shown ? known : noUsage
    }

    return {
      request: granted(request, hold.maxTokens),
      call: { ...call, onDraft },
      see(piece) {
        // Nobody is there any more to whom the rest could leave.
        if (sent && !call.signal.aborted) sent.see(piece)
        shown ||= !call.whole && piece.type !== 'started'
      },
      async end(ending) {
        settled = true
        const usage = usageOf(ending)
        try {
          if (ending.type === 'finished') await settle(usage, ending.reason, call.keep?.(ending))
          else await settle(usage, ending.failure.code)
          return usage === ending.usage ? ending : { ...ending, usage }
        } catch (error) {
          // The ledger keeps trying. The client must not take for paid what is not written down.
          onDefect(error, call.id)
          return { type: 'failed', failure: noLedger, usage }
        }
      },
      async over() {
        // What nobody foresaw ended it.
        if (!settled) await settle(owed(generated()), 'abandoned').catch((error: unknown) => onDefect(error, call.id))
      },
    }
  })

/** The same object where nothing changed: what was planned of it before is known by it. */
const granted = (request: CompletionRequest, maxTokens: number): CompletionRequest =>
  maxTokens === request.maxTokens ? request : { ...request, maxTokens }

/** Our own limit is far above what most answers need: an eighth of it is worth beginning with. */
const leastShare = 8

const orderOf = (request: CompletionRequest, call: Call, price: Price | undefined) => ({
  request: call.id,
  tenant: call.tenant,
  key: call.keyId,
  user: call.userId ?? null,
  model: request.model,
  price: price?.id ?? null,
  at: Date.now(),
  maxTokens: request.maxTokens,
  ...(request.maxTokensByDefault && { leastTokens: Math.ceil(request.maxTokens / leastShare) }),
  limits: call.limits ?? {},
  ...(call.project && { project: call.project }),
})

/** Counts the tokens that have left. The prompt was read for the caller, whoever saw the answer to it. */
function countSent() {
  let reasoning = 0
  let others = 0
  return {
    see(piece: Piece) {
      if (piece.type === 'reasoning') reasoning += piece.tokens
      else if (piece.type === 'text' || piece.type === 'tool-call') others += piece.tokens
    },
    of(generated: Usage): Usage {
      const completionTokens = Math.min(reasoning + others, generated.completionTokens)
      return { ...generated, completionTokens, reasoningTokens: Math.min(reasoning, completionTokens) }
    },
  }
}
