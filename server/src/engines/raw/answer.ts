import { type Draft, type Phase, startDraft } from '../../completion/draft/draft.ts'
import { shownOf } from '../../completion/draft/shown.ts'
import type { Finished, FinishReason } from '../../completion/event.ts'
import { ServeError } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import { failureOf } from '../../completion/sealed.ts'
import type { Call, Serve, Tell } from '../../completion/serve.ts'
import { type Ending, isEnding, type Part } from '../../completion/steps/part.ts'
import {
  join,
  knownTokens,
  nothing,
  type Passage,
  passages,
  type Said,
  slice,
  tokensOf,
  unnamed,
} from '../../completion/steps/passage.ts'
import { linkedAbort } from '../../lib/linked-abort.ts'
import type { Constraint, Generation, GenerationEvent, ModelFacts, TokenEngine } from '../token-engine.ts'
import type { Dialect } from './dialect.ts'
import { tooLong } from './fits.ts'
import { restOfGrammar } from './grammar/rest-of-grammar.ts'
import type { Plan } from './plan.ts'
import type { Planner } from './planner.ts'
import { rawOfWords } from './raw-of-words.ts'

export interface AnswerOptions {
  readonly limits: Pick<Limits, 'qualityRetries'>
  readonly planFor: Planner
  /** As `Draft.writer`, of what this engine writes. */
  readonly writer: string
  /** As `Draft.vocabulary`, of what this engine writes. */
  readonly vocabulary: string
}

/** A greedy run that failed would fail in the same way again. */
const temperatureOfRetries = 0.7

/**
 * Answers requests with a token engine: writes the prompt, lets the engine generate, and makes an answer of its raw text. An answer
 * that is not what the request promises is generated again, from the last place where it still was; one that another engine began goes
 * on where that broke off.
 * @returns a `Serve` that ends in exactly one terminal event; a failure, the caller's leaving included, carries the usage so far
 */
export function answerRaw(
  engine: TokenEngine,
  dialect: Dialect,
  { limits, planFor, writer, vocabulary }: AnswerOptions,
): Serve {
  return async (request, call, tell) => {
    const draft = call.draft ?? startDraft(request.logprobs !== undefined)
    const { raw, speaker, tally } = draft
    try {
      const plan = planFor(request)
      const runs: Runs = { engine, plan, call, draft, writer, contextWindow: request.contextWindow ?? Infinity }
      let good = inherited(draft, plan, dialect, {
        writer,
        vocabulary,
        specialTokens: engine.facts?.specialTokens ?? [],
      })
      // Named first: decision 0050.
      const phase = () => phaseOf(draft, plan, dialect)
      const shown = () => shownOf([{ type: 'text', passage: raw.passage() }], plan.steps(false), speaker)
      draft.phase = phase
      draft.shown = shown
      for (; ; draft.retries++) {
        const { kept, constraints } = resume(plan.generation.constraints, good, speaker.spoke())
        const generation = generationOf(plan.generation, constraints, kept, draft)
        const ending = await run(runs, generation, kept, draft.retries >= limits.qualityRetries, tell)
        if (ending.type === 'ended') return finished(ending, draft)
        if (ending.type === 'failed') return { ...ending, usage: tally.usage() }
        if (call.signal.aborted) throw new ServeError({ code: 'cancelled', message: 'The caller went away.' })
        // Reasoning that the model never ended is ended for it, so that what was promised can come.
        const written = raw.passage()
        const isOpen = tally.isReasoning() && written.text.trim() !== ''
        const close = { ...nothing, text: dialect.thinkTags.close }
        good = isOpen ? join(written, close) : slice(written, 0, ending.keep)
      }
    } catch (error) {
      // What nobody foresaw goes up as it is, to where defects are heard of.
      if (!(error instanceof ServeError) && !call.signal.aborted) throw error
      return { type: 'failed', failure: failureOf(error, call.signal), usage: tally.usage() }
    }
  }
}

/** What stands of the answer, as this model would have written it. */
function inherited(
  draft: Draft,
  plan: Plan,
  dialect: Dialect,
  {
    writer,
    vocabulary,
    specialTokens,
  }: Pick<AnswerOptions, 'writer' | 'vocabulary'> & Pick<ModelFacts, 'specialTokens'>,
): Passage {
  const { raw } = draft
  const words = draft.heard.length > 0 ? draft.shown() : undefined
  const written = words && rawOfWords(words, plan, dialect, specialTokens)
  if (draft.heard.length > 0 && !written)
    throw new ServeError({
      code: 'engine-refused',
      message: 'The engine cannot go on exactly where another one broke off.',
      elsewhere: true,
    })
  const isOwn = draft.vocabulary === vocabulary
  draft.vocabulary = vocabulary
  if (!written) return isOwn ? raw.passage() : unnamed(raw.passage())
  draft.heard = []
  draft.writer = writer
  raw.restart(written)
  return written
}

interface Runs {
  readonly engine: TokenEngine
  readonly plan: Plan
  readonly call: Call
  readonly draft: Draft
  readonly writer: string
  readonly contextWindow: number
}

/**
 * One generation. The text kept from an earlier one goes through the steps first, so that they stand where they stood there; what
 * was said of it is not said again.
 */
async function run(
  { engine, plan, call, draft, writer, contextWindow }: Runs,
  generation: Generation,
  kept: Passage,
  isLast: boolean,
  tell: Tell,
): Promise<Ending> {
  const { raw, speaker, tally } = draft
  const step = plan.steps(isLast)
  const passageOf = passages(kept.text.length)
  draft.runs++
  raw.restart(kept)
  tally.restart(tokensOf(kept), plan)
  speaker.restart()
  let isFirst = false

  const endOf = (reason: 'stop' | 'length'): Part => ({ type: 'ended', reason, matchedStop: null })
  const isFull = () => tally.prompt().promptTokens + tally.tokens() >= contextWindow
  const textOf = (said: Said): Part[] => {
    tally.add(said.tokens)
    const passage = passageOf(said)
    raw.add(passage)
    draft.writer = writer
    return [...(passage.text ? [{ type: 'text', passage } as const] : []), ...(isFull() ? [endOf('length')] : [])]
  }

  /** Tells what is to be said now. @returns the ending if the steps came to one */
  const take = (part: Part): Ending | undefined => {
    const parts = step(part)
    const last = parts.at(-1)
    const ending = last && isEnding(last) ? last : undefined
    for (const out of parts) if (out.type === 'border') tally.cross(out)
    // What comes along with `again` is said when the kept text is read again: held text was let go too early here.
    if (ending?.type === 'again') return ending
    for (const out of parts) {
      if (out.type === 'border' || isEnding(out)) continue
      for (const piece of speaker.say(out, tally.tokens())) tell(piece)
    }
    return ending
  }

  if (kept.text) {
    const isSpent = tally.tokens() >= plan.generation.maxTokens || isFull()
    for (const part of [{ type: 'text', passage: kept } as const, ...(isSpent ? [endOf('length')] : [])]) {
      const ending = take(part)
      if (ending) return ending
    }
  }
  /** @returns the ending if the answer came to one */
  const heard = (event: GenerationEvent): Ending | undefined => {
    if (event.type === 'progress') return undefined
    if (event.type === 'started') {
      // A later run's prompt has kept text in it.
      isFirst = tally.start(event)
      if (!isFirst) return undefined
      if (event.promptTokens >= contextWindow) throw new ServeError(tooLong(contextWindow, event.promptTokens))
      tell({ type: 'started', ...tally.prompt(), thinking: plan.thinking })
      return undefined
    }
    if (event.type === 'ended' && event.cachedTokens !== undefined && isFirst) tally.cached(event.cachedTokens)
    for (const part of event.type === 'ended' ? [endOf(event.reason)] : textOf(event)) {
      const ending = take(part)
      if (ending) return ending
    }
    return undefined
  }
  const stop = linkedAbort(call.signal)
  const enough = Promise.withResolvers<Ending>()
  let isOver = false
  const over = () => {
    isOver = true
    stop.abort()
  }
  const hear = (event: GenerationEvent) => {
    if (isOver) return
    try {
      const ending = heard(event)
      if (!ending) return
      enough.resolve(ending)
    } catch (error) {
      enough.reject(error)
    }
    over()
  }
  const { id, namespace, room } = call
  const asked = { id, namespace, signal: stop.signal, ...(room && { room }) }
  try {
    // An engine that has nothing more to say is not waited for.
    const ending = await Promise.race([engine.generate(generation, asked, hear), enough.promise])
    if (ending) return ending
    if (isOver) return await enough.promise
  } finally {
    stop.unlink()
    over()
  }
  throw new ServeError({ code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' })
}

function finished(ending: Ending & { type: 'ended' }, { speaker, tally }: Draft): Finished {
  const whole: FinishReason = speaker.calls() > 0 ? 'tool-calls' : 'stop'
  const reason = ending.reason === 'length' ? 'length' : whole
  return { type: 'finished', reason, matchedStop: ending.matchedStop, usage: tally.usage() }
}

/** The next generation of an answer: behind what is kept of it, and with what is left of its limit. */
function generationOf(first: Generation, constraints: readonly Constraint[], kept: Passage, draft: Draft): Generation {
  if (draft.runs === 0) return first
  const { temperature, topP, seed } = first.sampling
  return {
    ...first,
    ...behind(first.prompt, kept),
    maxTokens: first.maxTokens - tokensOf(kept),
    constraints,
    sampling: {
      temperature: draft.retries > 0 && temperature === 0 ? temperatureOfRetries : temperature,
      topP,
      // The same seed would write the same text, or draw it by the same numbers.
      ...(seed === undefined ? {} : { seed: seed + draft.runs }),
    },
  }
}

function behind(prompt: readonly string[], kept: Passage): Pick<Generation, 'prompt' | 'written'> {
  if (kept.text === '') return { prompt }
  return { prompt: [...prompt, kept.text], written: [{ piece: prompt.length, ...knownTokens(kept) }] }
}

function phaseOf({ raw, tally }: Draft, { isJson }: Plan, dialect: Dialect): Phase {
  const { text } = raw.passage()
  if (text === '') return 'start'
  if (tally.isReasoning()) return 'reasoning'
  const close = text.lastIndexOf(dialect.thinkTags.close)
  return dialect.callReadings.some(({ opener }) => text.includes(opener, close)) ? 'call' : isJson ? 'json' : 'text'
}

/**
 * Where the cue of a grammar stands in the kept text, that has ruled since: what goes on is ruled by the rest of it. What was written
 * without it, and does not fit, is written anew from behind the cue; but if some of that was said, it goes on free, and is checked.
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
  const behind = kept.text.slice(ruling.end)
  const rest = restOfGrammar(ruling.gbnf, behind)
  if (rest !== undefined) return { kept, constraints: [{ gbnf: rest }] }
  if (spoke && behind.trim() !== '') return { kept, constraints: [] }
  return { kept: slice(kept, 0, ruling.end), constraints: [{ gbnf: ruling.gbnf }] }
}
