import { type Failure, ServeError } from '../../completion/failure.ts'
import { linkedAbort } from '../../lib/linked-abort.ts'
import { errorIn, type Reported, readEvent } from '../openai-wire/chunk.ts'
import { type Connection, type EventEar, hear, type Reading, readRefusal } from '../openai-wire/connection.ts'
import { failureOfRefusal, refusalOf, roomIn } from '../openai-wire/refusal.ts'
import { wholeCharacters } from '../openai-wire/whole-characters.ts'
import { tooLong } from '../raw/fits.ts'
import { type Generation, type GenerationCall, type Hear, piecesOf, type TokenEngine } from '../token-engine.ts'
import { endpointOf, Refused } from './asking.ts'
import type { Learned } from './learn.ts'
import type { RawAsk, RawSignal, RawWire } from './wire.ts'

export interface RemoteTokens {
  readonly id: string
  readonly model: string
  readonly wire: RawWire
  readonly root: URL
  readonly connection: Connection
  readonly learned: Learned
  readonly slots: number
  /** Hears of each failed attempt. */
  readonly onFailure: (failure: Failure) => void
  /** Hears each refusal; for the operator, and for whoever knows another way. */
  readonly onRefusal: (status: number) => void
}

/** How long the counts behind an answer's end are waited for. */
const afterEndMs = 1_000

/** The raw face of another server: it gets the tokens of a prompt and gives the model's own text. */
export function remoteTokens(options: RemoteTokens): TokenEngine {
  const { id, learned, slots, connection } = options
  const { facts, tokenizer } = learned
  /** What went wrong, in words of ours. */
  const failureOf = (error: unknown, signal: AbortSignal): unknown => {
    if (signal.aborted) return new ServeError({ code: 'cancelled', message: 'The caller went away.' }, { cause: error })
    if (error instanceof Refused) options.onRefusal(error.refusal.status)
    const known =
      error instanceof Refused ? new ServeError(failureOfRefusal(error.refusal, facts.contextWindow)) : error
    if (known instanceof ServeError) options.onFailure(known.failure)
    return known
  }
  return {
    id,
    facts,
    slots,
    // Whether it is well is for its breaker to know.
    ready: () => true,
    async generate(generation, call, hear) {
      try {
        await answer(options, generation, call, hear)
      } catch (error) {
        throw failureOf(error, call.signal)
      }
    },
    async count(prompt, signal) {
      try {
        return (await tokenizer.tokens(prompt, signal)).length
      } catch (error) {
        throw failureOf(error, signal)
      }
    },
    close: async () => connection.close(),
  }
}

/** One generation: tokens of the prompt, the question, and what comes of it. */
async function answer(options: RemoteTokens, generation: Generation, call: GenerationCall, tell: Hear): Promise<void> {
  const { facts, tokenizer } = options.learned
  const prompt = await tokenizer.tokens(piecesOf(generation), call.signal)
  const room = facts.contextWindow - prompt.length
  if (room < 1) throw new ServeError(tooLong(facts.contextWindow, prompt.length))
  const banned = await Promise.all(generation.banned.map((text) => tokenizer.single(text, call.signal)))
  tell({ type: 'started', promptTokens: prompt.length, cachedTokens: 0 })
  const late = linkedAbort(call.signal)
  let timer: NodeJS.Timeout | undefined
  const onEnd = () => {
    timer = setTimeout(() => late.abort(), afterEndMs)
  }
  const speaker = startSpeaker(options.learned, generation.logprobs?.top ?? 0, tell, onEnd)
  try {
    await askAndHear(
      options,
      {
        model: options.model,
        prompt,
        maxTokens: Math.min(generation.maxTokens, room),
        sampling: generation.sampling,
        gbnf: generation.constraints[0]?.gbnf,
        banned: banned.filter((token) => token !== undefined),
        logprobs: generation.logprobs,
        namespace: call.namespace,
      },
      late.signal,
      (events) => {
        for (const event of events) speaker.hear(event)
        return call.room?.()
      },
    )
  } catch (error) {
    // Once the answer is complete, however the connection ends does not matter.
    if (!speaker.isComplete()) throw error
  } finally {
    clearTimeout(timer)
    late.unlink()
  }
  speaker.end()
}

/** Asks, and again with a smaller limit if that is all that was wrong. @throws Refused */
async function askAndHear(
  { connection, root, wire }: RemoteTokens,
  ask: RawAsk,
  signal: AbortSignal,
  ear: EventEar<RawSignal>,
): Promise<void> {
  for (let asked = ask; ; ) {
    const response = await connection.send(endpointOf(root, wire.generatePath), wire.generate(asked), signal)
    if (response.statusCode === 200) {
      const { over, leave } = hear(response, readingOf(wire), ear)
      return await over.finally(leave)
    }
    const refusal = await readRefusal(response)
    const room = roomIn(refusal, asked.maxTokens)?.tokens ?? 0
    if (room < 1 || room >= asked.maxTokens) throw new Refused(refusal)
    asked = { ...asked, maxTokens: room }
  }
}

const readingOf = ({ read }: RawWire): Reading<RawSignal> => ({
  event: (event) => readEvent(event, read),
  body: (body) => errorIn(body) ?? read(body),
})

/** Finish reasons that are none: the server gave up (contract C68). */
const brokenOff: ReadonlySet<string> = new Set(['abort', 'aborted', 'error'])

/**
 * Makes of what a server says what a token engine says. Tokens are counted as the server counts them, running counts first; where it
 * has none, what it says at once is one token.
 * @param onEnd called when only counts may follow
 */
function startSpeaker({ markers }: Pick<Learned, 'markers'>, top: number, tell: Hear, onEnd: () => void) {
  const whole = wholeCharacters()
  let reported: Reported = {}
  let written = 0
  let end: string | undefined
  /** Tokens that were reported and not handed on yet. */
  const news = (atLeast: number): number => {
    const tokens = Math.max((reported.completion ?? 0) - written, atLeast)
    written += tokens
    return tokens
  }
  const say = (event: RawSignal & { type: 'text' }) => {
    const marker = event.token === undefined ? undefined : markers.get(event.token)
    // Some servers send a token that is special to them without its text.
    const text = marker !== undefined && !event.text.endsWith(marker) ? event.text + marker : event.text
    const counted = reported.completion !== undefined
    const tokens = news(counted || text === '' ? 0 : Math.max(1, event.logprobs?.length ?? 0))
    const logprobs = event.logprobs?.map((one) => ({ ...one, top: one.top.slice(0, top) }))
    const said = whole.read(text)
    // One that came with others nobody has heard of is not known for what it is.
    const token = tokens === 1 && said === text ? event.token : undefined
    if (said !== '' || tokens > 0)
      tell({ type: 'text', text: said, tokens, ...(logprobs && { logprobs }), ...(token !== undefined && { token }) })
  }
  return {
    /** @throws Refused for an error that it says */
    hear(event: RawSignal): void {
      if (event.type === 'error') throw new Refused(refusalOf(200, event.error))
      if (event.type === 'counts') reported = { ...reported, ...event.counts }
      if (event.type === 'progress') tell(event)
      if (event.type === 'end') {
        end = event.reason
        onEnd()
      }
      if (event.type === 'text' && end === undefined) say(event)
    },
    /** Only counts may follow. */
    isComplete: () => end !== undefined,
    /** To be called once nothing more comes. @throws ServeError for an answer that was not finished */
    end(): void {
      if (end === undefined)
        throw new ServeError({ code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' })
      if (brokenOff.has(end))
        throw new ServeError({ code: 'engine-failed', message: 'The engine broke off its answer.' })
      const rest = whole.release()
      const tokens = news(0)
      if (rest !== '' || tokens > 0) tell({ type: 'text', text: rest, tokens })
      tell({
        type: 'ended',
        reason: end === 'length' || end === 'limit' ? 'length' : 'stop',
        ...(reported.cached !== undefined && { cachedTokens: reported.cached }),
      })
    },
  }
}
