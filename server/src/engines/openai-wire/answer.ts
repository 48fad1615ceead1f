import { type Draft, type Heard, type Phase, startDraft } from '../../completion/draft/draft.ts'
import { heardIn, shownOf } from '../../completion/draft/shown.ts'
import type { Finished, FinishReason } from '../../completion/event.ts'
import { type Failure, ServeError } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import { failureOf } from '../../completion/sealed.ts'
import type { Call, Serve, Tell } from '../../completion/serve.ts'
import { passed } from '../../completion/step.ts'
import { type Ending, isEnding, type Part } from '../../completion/steps/part.ts'
import { nothing, tokensOf } from '../../completion/steps/passage.ts'
import type { Usage } from '../../completion/usage.ts'
import { type Deadlines, type Pace, startWatch } from '../deadlines.ts'
import type { Reported, WireEvent } from './chunk.ts'
import type { ChatBody } from './encode.ts'
import { tokensIn, tokensOfDelta } from './estimate.ts'
import { type End, endOf } from './finish-reasons.ts'
import { type Continuation, goOn } from './go-on.ts'
import type { Manners } from './late-close.ts'
import { listen } from './listen.ts'
import { type ChatPlan, planOf, untouched } from './plan.ts'
import type { Transport } from './transport.ts'
import { estimatePrompt, type Knowledge, usageOf } from './usage.ts'
import type { Upstream, Wire } from './wire.ts'

export interface ChatOptions {
  readonly wire: Wire
  readonly upstream: Upstream
  readonly transport: Transport
  readonly manners: Manners
  readonly limits: Deadlines & Pick<Limits, 'qualityRetries'>
  /** As `Draft.writer`, of what this engine writes; absent: nobody could go on with it. */
  readonly writer?: string
  /** Hears what the prompt of a request had, as far as the engine told. */
  readonly onPrompt?: (request: CompletionRequest, usage: Usage) => void
  /** Hears of each failed attempt. */
  readonly onFailure: (failure: Failure) => void
}

/** A greedy run that failed would fail in the same way again. */
const temperatureOfRetries = 0.7

/** Text that may turn out to be reasoning is not kept back any longer when the upstream falls silent for so long. */
const silenceMs = 1_000

/**
 * Answers requests with a chat API. What is not what the request promises is asked for again; what was said already stands, and is
 * not said again. An answer that broke off goes on behind what stands of it.
 * @returns a `Serve` that ends in exactly one terminal event; a failure, the caller's leaving included, carries the usage so far
 */
export function answerChat(options: ChatOptions): Serve {
  const { wire, limits, onFailure, onPrompt } = options
  return async (request, call, tell) => {
    const draft = call.draft ?? startDraft(request.logprobs !== undefined)
    const { tally } = draft
    const state: State = { draft, kept: 0, complete: false, answered: false }
    let usage = (): Usage => tally.usage()
    try {
      let plan = planOf(request, call.namespace, options)
      usage = () => usageIn(state, plan)
      const heard = heardIn(draft)
      if (heard.length > 0) state.behind = goOn(plan, request, call.namespace, options, { heard, runs: draft.runs })
      const first = heard.length === 0 ? plan.body : undefined
      draft.raw.restart(nothing)
      for (let body = plan.body; ; draft.retries++, body = retryOf(plan.body)) {
        const ending = await run(options, plan, body, call, state, draft.retries >= limits.qualityRetries, tell)
        if (ending.type === 'ended') {
          const used = usage()
          // A second try has another prompt, and so has what goes on behind a draft.
          if (body === first) onPrompt?.(request, used)
          return finished(ending, state, used)
        }
        if (ending.type === 'failed') return { ...ending, usage: usage() }
        if (call.signal.aborted) throw new ServeError({ code: 'cancelled', message: 'The caller went away.' })
        state.behind = undefined
        const reasoned = tally.usage().reasoningTokens > 0
        // Where reasoning led nowhere, what is promised is asked for without (contract C46, VL12, VL14). What was shown of it stays.
        if (wire.switchesThinking && reasoned && (plan.forced || !state.answered)) {
          const { reasoningTokens } = usage()
          const maxTokens = Math.max(1, plan.body.max_tokens - reasoningTokens)
          const quiet = { ...request, maxTokens, thinking: { ...request.thinking, enabled: false } }
          plan = planOf(quiet, call.namespace, options)
          state.kept = reasoningTokens
        }
      }
    } catch (error) {
      if (!state.behind && state.reported?.cached) tally.cached(state.reported.cached)
      if (call.signal.aborted) return { type: 'failed', failure: failureOf(undefined, call.signal), usage: usage() }
      // What nobody foresaw goes up as it is, to where defects are heard of.
      if (!(error instanceof ServeError)) throw error
      onFailure(error.failure)
      return { type: 'failed', failure: error.failure, usage: usage() }
    }
  }
}

interface State {
  readonly draft: Draft
  /** What this run goes on with. */
  behind?: Continuation | undefined
  /** Tokens of reasoning that an earlier run said, and behind which this one goes on. */
  kept: number
  reported?: Reported | undefined
  /** The upstream came to its end in this run. */
  complete: boolean
  /** This run had more than reasoning. */
  answered: boolean
  /** The upstream's own filter ended the answer. */
  filtered?: boolean
}

function usageIn({ draft: { tally }, behind, reported, complete, kept }: State, plan: ChatPlan): Usage {
  const counted = tally.usage()
  const about = { complete, thinking: plan.thinking }
  if (behind) return usageBehind(behind, reported, { ...about, counted })
  const usage = usageOf(reported, { ...about, counted, limit: plan.body.max_tokens })
  if (kept === 0) return usage
  return {
    ...usage,
    completionTokens: usage.completionTokens + kept,
    reasoningTokens: usage.reasoningTokens + kept,
    estimated: true,
  }
}

/** The prompt is the one that the client sent, and all of the answer counts (contract C118). */
function usageBehind(
  { tokens, from, body }: Continuation,
  reported: Reported | undefined,
  { counted, complete, thinking }: Omit<Knowledge, 'limit'>,
): Usage {
  const stood = Math.min(from.reasoningTokens, counted.reasoningTokens)
  const own = {
    ...counted,
    completionTokens: Math.max(0, counted.completionTokens - tokens),
    reasoningTokens: counted.reasoningTokens - stood,
  }
  const usage = usageOf(reported, { counted: own, complete, thinking, limit: body.max_tokens })
  return {
    promptTokens: reported?.prompt ? Math.max(1, reported.prompt - tokens) : counted.promptTokens,
    cachedTokens: counted.cachedTokens,
    completionTokens: usage.completionTokens + tokens,
    reasoningTokens: usage.reasoningTokens + stood,
    estimated: true,
  }
}

/** One try. */
async function run(
  { transport, limits, writer }: ChatOptions,
  plan: ChatPlan,
  body: ChatBody,
  call: Call,
  state: State,
  isLast: boolean,
  tell: Tell,
): Promise<Ending> {
  const { draft, behind } = state
  const { tally, speaker } = draft
  const step = plan.steps(isLast)
  const assembly = plan.assembly(isLast, behind?.from)
  const border = behind ? untouched : plan.border()
  const onlyNew = behind?.onlyNew()
  // There is no way back: what an earlier run said stays, and this one may only go on behind it.
  const spoke = speaker.reasoned() || speaker.spoke()
  const muted = behind ? { reasoning: false, text: false } : { reasoning: spoke, text: speaker.spoke() }
  // What was said is not the beginning of what this run writes.
  const keeps = writer !== undefined && (behind !== undefined || !spoke)
  const heard: Heard[] = []
  let calls = false
  draft.runs++
  draft.heard = heard
  draft.writer = undefined
  // Named first: V8 makes a function that is written straight into a property old at once (decision 0050).
  const phase = () => phaseOf(draft, plan, calls)
  const shown = () => shownOf(heard, plan.steps(false), speaker)
  draft.phase = phase
  draft.shown = shown
  tally.restart(0, { thinking: plan.thinking, starts: 'answer' })
  speaker.restart()
  state.reported = undefined
  state.filtered = false
  state.complete = false
  state.answered = behind?.from.place === 'text'
  let reasoned = behind?.from.reasoningTokens ?? 0

  /** Tells what is to be said now. @returns the ending if the steps came to one */
  const take = (parts: readonly Part[]): Ending | undefined => {
    if (keeps) {
      for (const part of parts) if (isHeard(part)) heard.push(part)
      if (heard.length > 0) draft.writer = writer
    }
    const out = passed(parts, step)
    const ending = out.find(isEnding)
    if (ending?.type === 'again') return ending
    for (const part of out) {
      if (isEnding(part)) break
      // No step over the text knows of all the reasoning: some came apart from it, some was found behind that.
      if (part.type === 'border') {
        if (part.into === 'answer') reasoned = Math.max(reasoned, part.tokens, assembly.reasoned())
        tally.cross(part.into === 'answer' ? { ...part, tokens: reasoned } : part)
      } else if (part.type === 'call' || !muted[part.type])
        for (const piece of speaker.say(part, tally.tokens())) tell(piece)
    }
    return ending
  }

  for (const part of behind?.heard ?? []) {
    if (part.type !== 'border') tally.add(tokensOf(part.passage))
    const ending = take([part])
    if (ending) return ending
  }
  const asked = behind?.body ?? body
  if (asked.max_tokens <= 0) {
    const spent = take([{ type: 'ended', reason: 'length', matchedStop: null }])
    if (spent) return spent
  }

  const endAs = (reason: 'stop' | 'length'): Ending => {
    const last = assembly.end(reason).flatMap(border.step)
    return take(onlyNew ? last.flatMap(onlyNew) : last) ?? { type: 'ended', reason, matchedStop: null }
  }
  const isOver = overLimit(asked.max_tokens)
  let finish: End | undefined
  let begun = false
  /** The count that came with the words beside it. */
  let told: number | undefined
  const hear = (event: WireEvent): Ending | undefined => {
    if (!begun) {
      begun = true
      if (tally.start({ promptTokens: estimatePrompt(body), cachedTokens: 0 }))
        tell({ type: 'started', ...tally.prompt(), thinking: plan.thinking })
    }
    if (event.type === 'usage') {
      state.reported = event.usage
      told = event.usage.completion
    }
    if (event.type === 'done') {
      finish ??= 'stop'
      state.complete = true
    }
    // Behind the finish only the counts are of interest.
    if (finish !== undefined) return undefined
    if (isOver(event, told)) return endAs('length')
    if (event.type === 'finish') {
      const end = endOf(event.reason)
      if (end === 'broken-off')
        throw new ServeError({ code: 'engine-failed', message: 'The engine broke off its answer.' })
      finish = end
      state.complete = true
      return undefined
    }
    const tokens = weightOf(event, told && told + (behind?.tokens ?? 0) - tally.tokens())
    if (tokens > 0) told = undefined
    tally.add(tokens)
    if (event.type === 'call') calls = true
    if (event.type === 'call' || (event.type === 'text' && event.text.trim() !== '')) state.answered = true
    const words = behind?.allIsText && event.type === 'reasoning' ? { ...event, type: 'text' as const } : event
    const parts = passed(assembly.read(words, tokens), border.step)
    return take(onlyNew ? parts.flatMap(onlyNew) : parts)
  }
  const face = behind ? 'prefix' : plan.face
  try {
    const ending = await listen((signal, ear) => transport.ask(asked, face, signal, ear), {
      watch: startWatch(call.signal, limits),
      paceOf,
      hear,
      silence: { ms: silenceMs, matters: border.holds, heard: () => take(border.release()) },
      // Once the answer is complete, however the connection ends does not matter.
      mayBreakOff: () => finish !== undefined && !call.signal.aborted,
      ...(call.room && { room: call.room }),
    })
    if (ending) return ending
    if (finish === undefined)
      throw new ServeError({ code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' })
  } catch (error) {
    // What the border keeps would be lost: to whoever goes on, it is text.
    if (keeps) heard.push(...border.release().filter(isHeard))
    throw error
  }
  state.filtered = finish === 'filtered'
  return endAs(finish === 'length' ? 'length' : 'stop')
}

/**
 * Whether a word or a fragment is beyond the output limit, which some upstreams ignore, or count over the answer alone (contract C14).
 * Where they tell a running count, that one is believed; else the deltas and their text must both be more than the limit allows, since
 * a delta may hold several tokens, or a part of one.
 */
function overLimit(limit: number): (event: WireEvent, told: number | undefined) => boolean {
  let deltas = 0
  let said = ''
  /** What came last, to be joined into one piece: a string that grows by a word at a time would be kept as all its words. */
  let fresh: string[] = []
  let freshUnits = 0
  /** In UTF-16 units: with less text the limit cannot be reached. All of it is looked at, so that each delta cannot afford a look. */
  let lookAgainAt = 0
  const join = () => {
    said += fresh.join('')
    fresh = []
    freshUnits = 0
  }
  return (event, told) => {
    if (event.type !== 'reasoning' && event.type !== 'text' && event.type !== 'call') return false
    deltas++
    const text = event.type === 'call' ? `${event.name ?? ''}${event.arguments}` : event.text
    fresh.push(text)
    freshUnits += text.length
    if (fresh.length === freshMax) join()
    if (told !== undefined && told > 0) return told > limit
    if (deltas <= limit || said.length + freshUnits < lookAgainAt) return false
    join()
    const missing = limit * estimateMargin - tokensIn(said)
    lookAgainAt = said.length + missing / unitTokensMax
    return missing < 0
  }
}

const freshMax = 256
/** So far an estimate may be off to the other side. */
const estimateMargin = 1.1
/** No UTF-16 unit is estimated at more tokens. */
const unitTokensMax = 2

/** The upstream's heartbeats never get here: they are no progress. */
function paceOf({ type }: WireEvent): Pace {
  if (type === 'progress') return 'progress'
  if (type === 'reasoning' || type === 'text' || type === 'call') return 'token'
  return type === 'finish' ? 'complete' : undefined
}

/** Tokens of a delta, as far as anybody can tell. @param told what the upstream's running count has grown by */
function weightOf(event: WireEvent, told: number | undefined): number {
  if (event.type !== 'reasoning' && event.type !== 'text' && event.type !== 'call') return 0
  if (event.type !== 'call' && event.logprobs) return event.logprobs.length
  if (told !== undefined && told > 0) return told
  return tokensOfDelta(event.type === 'call' ? `${event.name ?? ''}${event.arguments}` : event.text)
}

function finished(ending: Ending & { type: 'ended' }, { draft, filtered }: State, usage: Usage): Finished {
  const whole: FinishReason = filtered ? 'content-filter' : draft.speaker.calls() > 0 ? 'tool-calls' : 'stop'
  return {
    type: 'finished',
    reason: ending.reason === 'length' ? 'length' : whole,
    matchedStop: ending.matchedStop,
    usage,
  }
}

const isHeard = (part: Part): part is Heard => part.type !== 'call' && !isEnding(part)

function phaseOf({ heard }: Draft, { isJson }: ChatPlan, calls: boolean): Phase {
  if (calls) return 'call'
  if (heard.length === 0) return 'start'
  return !heard.some(({ type }) => type === 'text') ? 'reasoning' : isJson ? 'json' : 'text'
}

const retryOf = (body: ChatBody): ChatBody => ({
  ...body,
  temperature: body.temperature === 0 ? temperatureOfRetries : body.temperature,
  // The same seed would write the same text.
  ...(typeof body.seed === 'number' && { seed: body.seed + 1 }),
})
