/** How a chat API goes on with an answer that broke off: behind a message that holds what stands of it (contract C116). */
import type { Draft, Heard } from '../../completion/draft/draft.ts'
import { heardIn } from '../../completion/draft/shown.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import type { Part, PartStep } from '../../completion/steps/part.ts'
import { join, joinAll, nothing, type Passage, slice, tokensOf } from '../../completion/steps/passage.ts'
import { prefixOf } from '../raw/plan.ts'
import type { StartingPoint } from './assembly.ts'
import type { ChatBody } from './encode.ts'
import { type ChatPlan, type Counterpart, planOf } from './plan.ts'
import { prefixModeOf, type Upstream, type Wire } from './wire.ts'

/** A broken answer, and how it is gone on with. */
export interface Continuation {
  readonly heard: readonly Heard[]
  readonly from: StartingPoint
  /** Of all that stands. */
  readonly tokens: number
  readonly body: ChatBody
  /** Takes away what of the answer comes once more. */
  readonly onlyNew: () => PartStep
  /** Behind text, all that comes is text: this parser takes what has no reasoning before it for reasoning. */
  readonly allIsText: boolean
}

interface Stands {
  readonly place: 'reasoning' | 'text'
  readonly reasoning: Passage
  readonly text: Passage
}

/**
 * Whether an API with this way to go on can do so behind what came: text in every way, reasoning where the kind itself is known to leave
 * it open. What an operator says of a server is of its content.
 */
export function canGoOn(draft: Draft, wire: Wire, upstream: Upstream): boolean {
  const prefixMode = prefixModeOf(wire, upstream)
  if (prefixMode === undefined) return false
  const heard = heardIn(draft)
  const isThere = (type: 'reasoning' | 'text') =>
    heard.some((part) => part.type === type && part.passage.text.trim() !== '')
  return isThere('text') || (prefixMode === wire.prefixMode && isThere('reasoning'))
}

/** @param plan that of the request itself, which the whole answer is held to */
export function goOn(
  plan: ChatPlan,
  request: CompletionRequest,
  namespace: string,
  counterpart: Counterpart,
  { heard, runs }: Pick<Draft, 'heard' | 'runs'>,
): Continuation {
  const { place, reasoning, text } = standsIn(heard)
  const tokens = tokensOf(reasoning) + tokensOf(text)
  // White space at the end is left to be written again: some templates drop it, and no token of most vocabularies ends with it.
  const last = place === 'text' ? text : reasoning
  const sent = last.text.trimEnd()
  const open = prefixOf(request)
  const { messages } = request
  const ends = messages.at(-1)
  const before = place === 'text' ? open.text : open.reasoning
  const thought = open.reasoning + (place === 'text' ? reasoning.text : sent)
  const allIsText = prefixModeOf(counterpart.wire, counterpart.upstream) === 'continue-final-message'
  const asked = planOf(
    {
      ...request,
      messages: [
        ...(ends?.role === 'assistant' && ends.prefix ? messages.slice(0, -1) : messages),
        {
          role: 'assistant',
          content: place === 'text' ? open.text + sent : '',
          ...(thought !== '' && { reasoning: thought }),
          toolCalls: [],
          prefix: true,
        },
      ],
      // Behind an open message the template of thinking would begin anew.
      ...(allIsText && { thinking: { ...request.thinking, enabled: false } }),
    },
    namespace,
    counterpart,
  ).body
  const { temperature, top_p, seed } = plan.body
  return {
    heard,
    from: { place, reasoning: reasoning.text, reasoningTokens: tokensOf(reasoning) },
    tokens,
    body: {
      ...asked,
      // A grammar would begin at its beginning (contract C119).
      ...(place === 'text' && { response_format: undefined }),
      temperature,
      top_p,
      max_tokens: plan.body.max_tokens - tokens,
      // The same seed would draw by the same numbers.
      ...(typeof seed === 'number' && { seed: seed + runs }),
    },
    onlyNew: () => onlyNew(place, before + sent, last.text.slice(sent.length)),
    allIsText,
  }
}

function standsIn(heard: readonly Heard[]): Stands {
  const all = (type: 'reasoning' | 'text') => joinAll(heard.flatMap((part) => (part.type === type ? part.passage : [])))
  const text = all('text')
  return { place: text.text.trim() === '' ? 'reasoning' : 'text', reasoning: all('reasoning'), text }
}

/** So much of a message that comes again is no chance: this API tells the prefix, too. */
const echoMin = 32

/**
 * Lets through what comes behind a prefix: without the prefix itself, where the API tells it once more, and without the white space that
 * stands behind it already.
 */
function onlyNew(place: 'reasoning' | 'text', prefix: string, blanks: string): PartStep {
  let echo = prefix.length >= echoMin ? prefix : ''
  let standing = blanks
  let held = nothing

  const withoutBlanks = (passage: Passage): Part[] => {
    let same = 0
    while (same < standing.length && same < passage.text.length && standing[same] === passage.text[same]) same++
    standing = same < passage.text.length ? '' : standing.slice(same)
    const rest = slice(passage, same)
    return rest.text === '' ? [] : [{ type: place, passage: rest }]
  }
  const release = (): Part[] => {
    echo = ''
    const passage = held
    held = nothing
    return passage.text === '' ? [] : withoutBlanks(passage)
  }

  return (part) => {
    if (part.type !== place) return echo ? [...release(), part] : [part]
    if (!echo) return standing ? withoutBlanks(part.passage) : [part]
    held = join(held, part.passage)
    if (held.text.startsWith(echo)) {
      held = slice(held, echo.length)
      return release()
    }
    return echo.startsWith(held.text) ? [] : release()
  }
}
