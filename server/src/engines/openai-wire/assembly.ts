import type { JudgeCall, Judgement } from '../../completion/judge-calls.ts'
import { joined, passed } from '../../completion/step.ts'
import { argumentsOf } from '../../completion/steps/call-values.ts'
import { type Part, untilEnding } from '../../completion/steps/part.ts'
import { passages } from '../../completion/steps/passage.ts'
import { isMembers } from '../../lib/json-members.ts'
import type { WireEvent } from './chunk.ts'
import { wholeCharacters } from './whole-characters.ts'

export interface AssemblyOptions {
  /** Off: what the upstream reasons all the same is dropped. */
  readonly thinking: boolean
  /** Whether the model was offered tools; calls that nobody asked for are none. */
  readonly calls: boolean
  readonly single: boolean
  readonly judge: JudgeCall
  readonly last: boolean
  /** Where it goes on with an answer that stands in part already. */
  readonly from?: StartingPoint
  /** For JSON: whether this text is what was asked for. */
  readonly isAsked?: (text: string) => boolean
}

/** What stands of an answer that is gone on with. */
export interface StartingPoint {
  readonly place: 'reasoning' | 'text'
  readonly reasoning: string
  readonly reasoningTokens: number
}

/** Puts the pieces of an answer in order: reasoning, text, calls, with no step back (contract C53, C74). */
export interface Assembly {
  /** @param tokens those of a word or of a fragment of a call */
  read(event: WireEvent, tokens: number): readonly Part[]
  /** The upstream has ended the answer. */
  end(reason: 'stop' | 'length'): readonly Part[]
  /** Tokens of reasoning that came as such. */
  reasoned(): number
}

interface Call {
  readonly id: string | undefined
  name: string
  arguments: string
}

export function createAssembly(options: AssemblyOptions): Assembly {
  const { thinking, calls: offered, single, judge, last, isAsked, from } = options
  let place: 'start' | 'reasoning' | 'text' | 'calls' = from?.place ?? 'start'
  let reasoned = from?.reasoningTokens ?? 0
  /** All the reasoning, where it may turn out to be the answer. */
  let thought = from?.reasoning ?? ''
  /** White space that may stand before the answer, or beside the reasoning. */
  let blanks = { text: '', tokens: 0 }
  const calls: Call[] = []
  /** The call that a fragment without an id belongs to, by index. */
  const byIndex = new Map<number, Call>()
  const channels = {
    reasoning: { characters: wholeCharacters(), passageOf: passages() },
    text: { characters: wholeCharacters(), passageOf: passages() },
  }

  const leaveReasoning = (next: 'text' | 'calls'): Part[] => {
    const rest = place === 'reasoning' ? say('reasoning', channels.reasoning.characters.release(), 0) : []
    const border: Part[] = place === 'reasoning' ? [{ type: 'border', into: 'answer', tokens: reasoned, at: 0 }] : []
    place = next
    return [...rest, ...border]
  }

  const say = (type: 'reasoning' | 'text', text: string, tokens: number, logprobs?: WireLogprobs): Part[] => {
    const passage = channels[type].passageOf(logprobs ? { text, tokens, logprobs } : { text, tokens })
    return text === '' ? [] : [{ type, passage }]
  }

  const takeReasoning = ({ text, logprobs }: Delta, tokens: number): Part[] => {
    if (isAsked) thought += text
    if (!thinking || place === 'text' || place === 'calls') return []
    blanks = none
    reasoned += tokens
    const entered: Part[] = place === 'start' ? [{ type: 'border', into: 'reasoning' }] : []
    place = 'reasoning'
    return [...entered, ...say('reasoning', channels.reasoning.characters.read(text), tokens, logprobs)]
  }

  const takeText = ({ text, logprobs }: Delta, tokens: number): readonly Part[] => {
    const blank = text.trim() === ''
    // The calls end the turn.
    if (place === 'calls') return blank ? [] : end('stop')
    if (place !== 'text' && blank) {
      blanks = { text: blanks.text + text, tokens: blanks.tokens + tokens }
      return []
    }
    const left = place === 'text' ? nothing : leaveReasoning('text')
    const before = blanks
    blanks = none
    const whole = channels.text.characters.read(before.text + text)
    return joined(left, say('text', whole, before.tokens + tokens, logprobs))
  }

  const takeCall = (event: WireEvent & { type: 'call' }): Part[] => {
    if (!offered) return []
    // White space between reasoning and calls is layout.
    if (place !== 'text') blanks = none
    const parts = [...leaveReasoning('calls'), ...leaveText()]
    let call = byIndex.get(event.index)
    if (!call || isAnother(event, call)) {
      if (single && calls.length > 0) return [...parts, ...end('stop')]
      call = { id: event.id, name: '', arguments: '' }
      calls.push(call)
      byIndex.set(event.index, call)
    }
    if (call.name === '') call.name = (event.name ?? '').toWellFormed()
    call.arguments += event.arguments
    return parts
  }

  const leaveText = (): Part[] => {
    const rest = blanks.text + channels.text.characters.release()
    const { tokens } = blanks
    blanks = none
    return rest === '' ? [] : say('text', rest, tokens)
  }

  /** A parser that waits for a closing tag takes the whole JSON for reasoning (contract VL12). */
  const misplaced = (reason: 'stop' | 'length'): string =>
    reason === 'stop' && place !== 'text' && place !== 'calls' && isAsked?.(thought) ? thought.toWellFormed() : ''

  const end = (reason: 'stop' | 'length'): Part[] => {
    const answer = misplaced(reason)
    const rest =
      place === 'calls' ? [] : [...leaveReasoning('text'), ...(answer ? say('text', answer, 0) : leaveText())]
    const ending: Part = { type: 'ended', reason, matchedStop: null }
    // The limit may have cut the last call, whatever its text looks like.
    const told = reason === 'length' ? calls.slice(0, -1) : calls
    const parts: Part[] = []
    for (const { name, arguments: written } of told) {
      const judgement = judged(name, (written.trim() || '{}').toWellFormed())
      if (judgement.type !== 'fits' && !last) return [...rest, { type: 'again', keep: 0 }]
      if (judgement.type === 'malformed') {
        // Once more would not help: what came of it is text, unless a call was told before it (contract C50, C53).
        if (parts.length === 0) rest.push(...say('text', written.toWellFormed(), 0))
        return [...rest, ...parts, ending]
      }
      if (judgement.type === 'unfit' && judgement.failure)
        return [...rest, { type: 'failed', failure: judgement.failure }]
      parts.push({ type: 'call', ...judgement.call })
    }
    return [...rest, ...parts, ending]
  }

  /** Some models write the arguments as a string that holds the object. */
  const judged = (name: string, written: string): Judgement => {
    const object = argumentsOf(written)
    return name === '' || object === undefined ? { type: 'malformed' } : judge({ name, arguments: object })
  }

  const read = untilEnding((part) => [part])
  const deaf = (parts: readonly Part[]): readonly Part[] => passed(parts, read)
  return {
    read(event, tokens) {
      if (event.type === 'call') return deaf(takeCall(event))
      if (event.type !== 'reasoning' && event.type !== 'text') return []
      return deaf(event.type === 'reasoning' ? takeReasoning(event, tokens) : takeText(event, tokens))
    },
    end: (reason) => deaf(end(reason)),
    reasoned: () => reasoned,
  }
}

/**
 * Whether a fragment begins another call than the one that its index names: some servers give all calls one index, and some of those
 * no ids, or the same one (contract OA9). Then a call that is whole takes nothing more, if a name comes with what follows.
 */
function isAnother(event: WireEvent & { type: 'call' }, call: Call): boolean {
  if (event.id !== undefined && call.id !== undefined && event.id !== call.id) return true
  const begins = event.name !== undefined && event.arguments.trim() !== '' && call.name !== ''
  return begins && isMembers(call.arguments)
}

const none = { text: '', tokens: 0 }
const nothing: readonly Part[] = []

type Delta = Extract<WireEvent, { type: 'reasoning' | 'text' }>
type WireLogprobs = Delta['logprobs']
