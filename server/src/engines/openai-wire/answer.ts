import type { CompletionEvent, FinishReason } from '../../completion/event.ts'
import { type Failure, ServeError } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import { failureOf } from '../../completion/sealed.ts'
import type { Call, Serve } from '../../completion/serve.ts'
import { type Ending, isEnding, type Part } from '../../completion/steps/part.ts'
import type { Usage } from '../../completion/usage.ts'
import { type Deadlines, type Pace, watched } from '../deadlines.ts'
import { createSpeaker, type Speaker } from '../raw/speaker.ts'
import { startTally, type Tally } from '../raw/tally.ts'
import type { Reported, WireEvent } from './chunk.ts'
import type { ChatBody } from './encode.ts'
import { type ChatPlan, planOf } from './plan.ts'
import type { Transport } from './transport.ts'
import { estimatePrompt, usageOf } from './usage.ts'
import type { Upstream, Wire } from './wire.ts'

export interface ChatOptions {
  readonly wire: Wire
  readonly upstream: Upstream
  readonly transport: Transport
  readonly limits: Deadlines & Pick<Limits, 'qualityRetries'>
  /** Hears of each failed attempt. */
  readonly onFailure: (failure: Failure) => void
}

/** A greedy run that failed would fail in the same way again. */
const temperatureOfRetries = 0.7

/**
 * Answers requests with a chat API. What is not what the request promises is asked for again; what was said already stands, and is
 * not said again.
 * @returns a `Serve` that ends in exactly one terminal event; a failure, the caller's leaving included, carries the usage so far
 */
export function answerChat(options: ChatOptions): Serve {
  const { wire, upstream, limits, onFailure } = options
  return async function* (request, call) {
    const state: State = { tally: startTally(), speaker: createSpeaker(request.logprobs !== undefined), spoke: false }
    let usage = (): Usage => state.tally.usage()
    try {
      const plan = planOf(request, wire, upstream, call.namespace)
      usage = () => usageOf(state.reported, state.tally.usage(), plan.thinking)
      for (let retries = limits.qualityRetries, body = plan.body; ; retries--, body = retryOf(plan.body)) {
        const ending = yield* run(options, plan, body, call, state, retries <= 0)
        if (ending.type === 'ended') return yield finished(ending, state, usage())
        if (ending.type === 'failed') return yield { ...ending, usage: usage() }
        if (call.signal.aborted) throw new ServeError({ code: 'cancelled', message: 'The caller went away.' })
      }
    } catch (error) {
      if (call.signal.aborted)
        return yield { type: 'failed', failure: failureOf(undefined, call.signal), usage: usage() }
      // What nobody foresaw goes up as it is, to where defects are heard of.
      if (!(error instanceof ServeError)) throw error
      onFailure(error.failure)
      yield { type: 'failed', failure: error.failure, usage: usage() }
    }
  }
}

interface State {
  readonly tally: Tally
  readonly speaker: Speaker
  /** Something was said in this run or an earlier one. */
  spoke: boolean
  reported?: Reported | undefined
  /** The upstream's own filter ended the answer. */
  filtered?: boolean
}

/** One try. */
async function* run(
  { transport, limits }: ChatOptions,
  plan: ChatPlan,
  body: ChatBody,
  call: Call,
  state: State,
  isLast: boolean,
): AsyncGenerator<CompletionEvent, Ending> {
  const { tally, speaker } = state
  const step = plan.steps(isLast)
  const assembly = plan.assembly(isLast)
  // There is no way back: what an earlier run said stays, and this one may only go on behind it.
  const muted = { reasoning: state.spoke, text: speaker.spoke() }
  tally.restart(0, { thinking: plan.thinking, starts: 'answer' })
  speaker.restart()
  state.reported = undefined
  state.filtered = false

  /** @returns what is to be said now, and the ending if the steps came to one */
  const take = (parts: readonly Part[]): { readonly events: readonly CompletionEvent[]; readonly ending?: Ending } => {
    const out = parts.flatMap(step)
    const ending = out.find(isEnding)
    if (ending?.type === 'again') return { events: [], ending }
    const events: CompletionEvent[] = []
    for (const part of out) {
      if (isEnding(part)) break
      // The steps over the text know nothing of reasoning that came apart from it.
      if (part.type === 'border')
        tally.cross(part.into === 'answer' ? { ...part, tokens: Math.max(part.tokens, assembly.reasoned()) } : part)
      else if (part.type === 'call' || !muted[part.type]) events.push(...speaker.say(part))
    }
    if (events.length > 0) state.spoke = true
    return ending ? { events, ending } : { events }
  }

  let finish: string | undefined
  let begun = false
  for await (const event of reading(transport, body, plan, call.signal, limits, () => finish !== undefined)) {
    if (!begun) {
      begun = true
      if (tally.start({ promptTokens: estimatePrompt(body), cachedTokens: 0 }))
        yield { type: 'started', ...tally.prompt(), thinking: plan.thinking }
    }
    if (event.type === 'usage') state.reported = event.usage
    if (event.type === 'done') finish ??= 'stop'
    // Behind the finish only the counts are of interest.
    if (finish !== undefined) continue
    if (event.type === 'finish') {
      if (brokenOff.has(event.reason))
        throw new ServeError({ code: 'engine-unavailable', message: 'The engine broke off its answer.' })
      finish = event.reason
      continue
    }
    tally.add(weightOf(event))
    const { events, ending } = take(assembly.read(event))
    yield* events
    if (ending) return ending
  }
  if (finish === undefined)
    throw new ServeError({ code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' })
  state.filtered = finish === 'content_filter'
  const { events, ending } = take(assembly.end(finish === 'length' ? 'length' : 'stop'))
  yield* events
  return ending ?? { type: 'ended', reason: 'stop', matchedStop: null }
}

/** Finish reasons that are none: the upstream gave up (contract C68). */
const brokenOff: ReadonlySet<string> = new Set(['insufficient_system_resource', 'abort', 'aborted', 'error'])

/** What the upstream says within the deadlines. Once the answer is complete, however the connection ends does not matter. */
async function* reading(
  transport: Transport,
  body: ChatBody,
  plan: ChatPlan,
  callerSignal: AbortSignal,
  limits: Deadlines,
  complete: () => boolean,
): AsyncIterable<WireEvent> {
  try {
    yield* watched((signal) => transport.open(body, plan.face, signal), callerSignal, paceOf, limits)
  } catch (error) {
    if (!complete() || callerSignal.aborted) throw error
  }
}

/** The upstream's heartbeats never get here: they are no progress. */
function paceOf({ type }: WireEvent): Pace {
  if (type === 'reasoning' || type === 'text' || type === 'call') return 'token'
  return type === 'finish' ? 'complete' : undefined
}

/** Tokens of a delta, as far as anybody can tell. */
function weightOf(event: WireEvent): number {
  if (event.type === 'reasoning' || event.type === 'text') return event.logprobs?.length ?? 1
  return event.type === 'call' ? 1 : 0
}

function finished(ending: Ending & { type: 'ended' }, { speaker, filtered }: State, usage: Usage): CompletionEvent {
  const whole: FinishReason = filtered ? 'content-filter' : speaker.calls() > 0 ? 'tool-calls' : 'stop'
  return {
    type: 'finished',
    reason: ending.reason === 'length' ? 'length' : whole,
    matchedStop: ending.matchedStop,
    usage,
  }
}

const retryOf = (body: ChatBody): ChatBody => ({
  ...body,
  temperature: body.temperature === 0 ? temperatureOfRetries : body.temperature,
  // The same seed would write the same text.
  ...(typeof body.seed === 'number' && { seed: body.seed + 1 }),
})
