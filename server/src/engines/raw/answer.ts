import type { CompletionEvent, FinishReason } from '../../completion/event.ts'
import { ServeError } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import { failureOf } from '../../completion/sealed.ts'
import type { Call, Serve } from '../../completion/serve.ts'
import { type Ending, isEnding, type Part } from '../../completion/steps/part.ts'
import { join, nothing, type Passage, passages, type Said, slice, tokensOf } from '../../completion/steps/passage.ts'
import type { Constraint, Generation, TokenEngine } from '../token-engine.ts'
import type { Dialect } from './dialect.ts'
import { tooLong } from './fits.ts'
import type { Plan } from './plan.ts'
import type { Planner } from './planner.ts'
import { createRawText } from './raw-text.ts'
import { createSpeaker, type Speaker } from './speaker.ts'
import { startTally, type Tally } from './tally.ts'

export interface AnswerOptions {
  readonly limits: Pick<Limits, 'qualityRetries'>
  readonly planFor: Planner
}

/** A greedy run that failed would fail in the same way again. */
const temperatureOfRetries = 0.7

/**
 * Answers requests with a token engine: writes the prompt, lets the engine generate, and makes an answer of its raw text. An answer
 * that is not what the request promises is generated again, from the last place where it still was.
 * @returns a `Serve` that ends in exactly one terminal event; a failure, the caller's leaving included, carries the usage so far
 */
export function answerRaw(engine: TokenEngine, dialect: Dialect, { limits, planFor }: AnswerOptions): Serve {
  return async function* (request, call) {
    const tally = startTally()
    try {
      const plan = planFor(request)
      const speaker = createSpeaker(request.logprobs !== undefined)
      const runs: Runs = { engine, plan, call, tally, speaker, contextWindow: request.contextWindow ?? Infinity }
      let generation = plan.generation
      let kept = nothing
      for (let retries = limits.qualityRetries; ; retries--) {
        const { ending, raw } = yield* run(runs, generation, kept, retries <= 0)
        if (ending.type === 'ended') return yield finished(ending, speaker, tally)
        if (ending.type === 'failed') return yield { ...ending, usage: tally.usage() }
        if (call.signal.aborted) throw new ServeError({ code: 'cancelled', message: 'The caller went away.' })
        // Reasoning that the model never ended is ended for it, so that what was promised can come.
        const isOpen = tally.isReasoning() && raw.text.trim() !== ''
        const good = isOpen ? join(raw, { ...nothing, text: dialect.thinkTags.close }) : slice(raw, 0, ending.keep)
        const resumed = resume(plan.generation.constraints, good, speaker.spoke())
        kept = resumed.kept
        generation = retryOf(plan.generation, resumed.constraints, kept)
      }
    } catch (error) {
      // What nobody foresaw goes up as it is, to where defects are heard of.
      if (!(error instanceof ServeError) && !call.signal.aborted) throw error
      yield { type: 'failed', failure: failureOf(error, call.signal), usage: tally.usage() }
    }
  }
}

interface Runs {
  readonly engine: TokenEngine
  readonly plan: Plan
  readonly call: Call
  readonly tally: Tally
  readonly speaker: Speaker
  readonly contextWindow: number
}

/**
 * One generation. The text kept from an earlier one goes through the steps first, so that they stand where they stood there; what
 * was said of it is not said again.
 */
async function* run(
  { engine, plan, call, tally, speaker, contextWindow }: Runs,
  generation: Generation,
  kept: Passage,
  isLast: boolean,
): AsyncGenerator<CompletionEvent, { readonly ending: Ending; readonly raw: Passage }> {
  const step = plan.steps(isLast)
  const raw = createRawText(kept)
  const passageOf = passages(kept.text.length)
  const stop = new AbortController()
  tally.restart(tokensOf(kept), plan)
  speaker.restart()

  const endOf = (reason: 'stop' | 'length'): Part => ({ type: 'ended', reason, matchedStop: null })
  const textOf = (said: Said): Part[] => {
    tally.add(said.tokens)
    const passage = passageOf(said)
    raw.add(passage)
    const { promptTokens, completionTokens } = tally.usage()
    const isFull = promptTokens + completionTokens >= contextWindow
    return [...(passage.text ? [{ type: 'text', passage } as const] : []), ...(isFull ? [endOf('length')] : [])]
  }

  /** @returns what is to be said now, and the ending if the steps came to one */
  const take = (part: Part): { readonly events: readonly CompletionEvent[]; readonly ending?: Ending } => {
    const parts = step(part)
    const last = parts.at(-1)
    const ending = last && isEnding(last) ? last : undefined
    // What comes along with `again` is said when the kept text is read again: held text was let go too early here.
    if (ending?.type === 'again') return { events: [], ending }
    const events: CompletionEvent[] = []
    for (const out of parts) {
      if (out.type === 'border') tally.cross(out)
      else if (!isEnding(out)) events.push(...speaker.say(out))
    }
    return ending ? { events, ending } : { events }
  }

  if (kept.text) yield* take({ type: 'text', passage: kept }).events
  const signal = AbortSignal.any([call.signal, stop.signal])
  try {
    for await (const event of engine.generate(generation, { id: call.id, namespace: call.namespace, signal })) {
      if (event.type === 'progress') continue
      if (event.type === 'started') {
        // A later run's prompt has kept text in it.
        if (!tally.start(event)) continue
        if (event.promptTokens >= contextWindow) throw new ServeError(tooLong(contextWindow, event.promptTokens))
        yield { type: 'started', ...tally.prompt(), thinking: plan.thinking }
        continue
      }
      for (const part of event.type === 'ended' ? [endOf(event.reason)] : textOf(event)) {
        const { events, ending } = take(part)
        for (const said of events) yield said
        if (ending) {
          // Before the loop is left: the engine is to see why it must end.
          stop.abort()
          return { ending, raw: raw.passage() }
        }
      }
    }
  } finally {
    stop.abort()
  }
  throw new ServeError({ code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' })
}

function finished(ending: Ending & { type: 'ended' }, speaker: Speaker, tally: Tally): CompletionEvent {
  const whole: FinishReason = speaker.calls() > 0 ? 'tool-calls' : 'stop'
  const reason = ending.reason === 'length' ? 'length' : whole
  return { type: 'finished', reason, matchedStop: ending.matchedStop, usage: tally.usage() }
}

function retryOf(first: Generation, constraints: readonly Constraint[], kept: Passage): Generation {
  const { temperature, topP, seed } = first.sampling
  return {
    ...first,
    prompt: kept.text ? [...first.prompt, kept.text] : first.prompt,
    maxTokens: Math.max(1, first.maxTokens - tokensOf(kept)),
    constraints,
    sampling: {
      temperature: temperature === 0 ? temperatureOfRetries : temperature,
      topP,
      // The same seed would write the same text.
      ...(seed === undefined ? {} : { seed: seed + 1 }),
    },
  }
}

/**
 * A grammar can be begun, but not gone on with: where its cue stands in the kept text, generation goes on right behind the cue. If
 * something behind it was said already, it runs free, and is checked.
 */
function resume(
  constraints: readonly Constraint[],
  kept: Passage,
  spoke: boolean,
): { readonly kept: Passage; readonly constraints: readonly Constraint[] } {
  const cued = constraints
    .map(({ gbnf, after }) => {
      const at = after === undefined ? 0 : kept.text.indexOf(after)
      return { gbnf, end: at < 0 ? -1 : at + (after?.length ?? 0) }
    })
    .filter(({ end }) => end >= 0)
    .sort((a, b) => a.end - b.end)
  const [ruling] = cued
  if (!ruling) return { kept, constraints }
  if (spoke && kept.text.slice(ruling.end).trim() !== '') return { kept, constraints: [] }
  return { kept: slice(kept, 0, ruling.end), constraints: [{ gbnf: ruling.gbnf }] }
}
