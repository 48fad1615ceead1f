import { createRawText } from '../completion/draft/raw-text.ts'
import { ServeError } from '../completion/failure.ts'
import { knownTokens, passages } from '../completion/steps/passage.ts'
import { linkedAbort } from '../lib/linked-abort.ts'
import { CueWatch } from './cue-watch.ts'
import {
  type Generation,
  type GenerationCall,
  type GenerationEvent,
  generatingBy,
  type Hear,
  type TokenEngine,
} from './token-engine.ts'

type TextEvent = Extract<GenerationEvent, { type: 'text' }>

/**
 * The same engine, for one whose grammars rule from the first token and know of no cue (contract C57). It writes freely until the
 * first cue; there that run is ended, and a second one goes on from the text through the cue, under the grammar from its start. What
 * the first run wrote behind the cue is thrown away.
 */
export const cued = (engine: TokenEngine): TokenEngine =>
  generatingBy(engine, (generation, call, hear) => {
    const { constraints } = generation
    const atOnce = constraints.find(({ after }) => !after)
    if (constraints.length > 0 && !atOnce) return inTwoRuns(engine, generation, call, hear)
    return engine.generate({ ...generation, constraints: atOnce ? [atOnce] : [] }, call, hear)
  })

async function inTwoRuns(engine: TokenEngine, generation: Generation, call: GenerationCall, hear: Hear): Promise<void> {
  const { prompt, maxTokens } = generation
  const { gbnf, tokens, kept } = await upToCue(engine, generation, call, hear)
  if (gbnf === undefined) return
  if (tokens >= maxTokens) return hear({ type: 'ended', reason: 'length' })
  // The prompt is read once more: that is work, not silence.
  hear({ type: 'progress', promptTokensRead: 0 })
  await secondRun(
    engine,
    {
      ...generation,
      prompt: [...prompt, kept.text],
      written: [...(generation.written ?? []), { piece: prompt.length, ...knownTokens(kept) }],
      maxTokens: maxTokens - tokens,
      constraints: [{ gbnf }],
    },
    call,
    hear,
  )
}

/** @returns the grammar that rules behind the cue, and what stands before it; no grammar if no cue came, and all was told */
async function upToCue(engine: TokenEngine, generation: Generation, call: GenerationCall, hear: Hear) {
  const { constraints } = generation
  const watch = new CueWatch(constraints.map(({ after = '' }) => after))
  const stop = linkedAbort(call.signal)
  const passageOf = passages()
  const written = createRawText()
  let tokens = 0
  let gbnf: string | undefined
  const take: Hear = (event) => {
    if (gbnf !== undefined) return
    if (event.type !== 'text') return hear(event)
    const heard = watch.push(event.text)
    const said = heard ? upTo(event, event.text.length - heard.rest) : event
    written.add(passageOf(said))
    tokens += said.tokens
    gbnf = heard && constraints[heard.cue]?.gbnf
    // Before the reader takes its time: the engine must not go on meanwhile.
    if (heard) stop.abort()
    hear(said)
  }
  try {
    await engine.generate({ ...generation, constraints: [] }, { ...call, signal: stop.signal }, take)
  } catch (error) {
    if (gbnf === undefined || call.signal.aborted) throw error
  } finally {
    stop.unlink()
    stop.abort()
  }
  return { gbnf, tokens, kept: written.passage() }
}

/** Its prompt holds what the first run wrote: the first one's counts are those of the answer. */
async function secondRun(engine: TokenEngine, generation: Generation, call: GenerationCall, hear: Hear): Promise<void> {
  try {
    await engine.generate(generation, call, (event) => {
      if (event.type === 'ended') hear({ type: event.type, reason: event.reason })
      else if (event.type !== 'started') hear(event)
    })
  } catch (error) {
    // There was room for all that was written, and for no more.
    if (!(error instanceof ServeError) || error.failure.code !== 'context-too-long') throw error
    hear({ type: 'ended', reason: 'length' })
  }
}

/** @returns what was said before `end`. A token that goes beyond it counts: some of its text is kept. */
function upTo(event: TextEvent, end: number): TextEvent {
  if (end === event.text.length) return event
  const marks = passages()(event).marks
  const whole = marks.filter(({ at }) => at <= end).length
  const count = (marks[whole - 1]?.at ?? 0) < end ? Math.min(whole + 1, marks.length) : whole
  return {
    type: 'text',
    text: event.text.slice(0, end),
    tokens: Math.min(count, event.tokens),
    ...(event.logprobs && { logprobs: event.logprobs.slice(0, count) }),
  }
}
