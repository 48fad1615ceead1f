import type { Failure } from '../../completion/failure.ts'
import { type Part, untilEnding } from '../../completion/steps/part.ts'
import { passages } from '../../completion/steps/passage.ts'
import { membersOf } from '../../lib/json-members.ts'
import type { WireEvent } from './chunk.ts'
import { wholeCharacters } from './whole-characters.ts'

export interface AssemblyOptions {
  /** Off: what the upstream reasons all the same is dropped. */
  readonly thinking: boolean
  /** Whether the model was offered tools; calls that nobody asked for are none. */
  readonly calls: boolean
  readonly single: boolean
  readonly judge: (call: { readonly name: string; readonly arguments: string }) => 'malformed' | Failure | undefined
  readonly last: boolean
}

/** Puts the pieces of an answer in order: reasoning, text, calls, with no step back (contract C53, C74). */
export interface Assembly {
  read(event: WireEvent): readonly Part[]
  /** The upstream has ended the answer. */
  end(reason: 'stop' | 'length'): readonly Part[]
  /** Deltas of reasoning that came as such. */
  reasoned(): number
}

interface Call {
  readonly id: string | undefined
  name: string
  arguments: string
}

export function createAssembly({ thinking, calls: offered, single, judge, last }: AssemblyOptions): Assembly {
  let place: 'start' | 'reasoning' | 'text' | 'calls' = 'start'
  let reasoned = 0
  /** White space that may stand before the answer, or beside the reasoning. */
  let blanks = ''
  const calls: Call[] = []
  /** The call that a fragment without an id belongs to, by index. */
  const byIndex = new Map<number, Call>()
  const channels = {
    reasoning: { characters: wholeCharacters(), passageOf: passages() },
    text: { characters: wholeCharacters(), passageOf: passages() },
  }

  const leaveReasoning = (next: 'text' | 'calls'): Part[] => {
    const rest = place === 'reasoning' ? say('reasoning', channels.reasoning.characters.release()) : []
    const border: Part[] = place === 'reasoning' ? [{ type: 'border', into: 'answer', tokens: reasoned, at: 0 }] : []
    place = next
    return [...rest, ...border]
  }

  const say = (type: 'reasoning' | 'text', text: string, logprobs?: WireLogprobs): Part[] => {
    const tokens = logprobs?.length ?? 1
    const passage = channels[type].passageOf(logprobs ? { text, tokens, logprobs } : { text, tokens })
    return text === '' ? [] : [{ type, passage }]
  }

  const takeReasoning = ({ text, logprobs }: Delta): Part[] => {
    if (!thinking || place === 'text' || place === 'calls') return []
    blanks = ''
    reasoned += logprobs?.length ?? 1
    const entered: Part[] = place === 'start' ? [{ type: 'border', into: 'reasoning' }] : []
    place = 'reasoning'
    return [...entered, ...say('reasoning', channels.reasoning.characters.read(text), logprobs)]
  }

  const takeText = ({ text, logprobs }: Delta): Part[] => {
    const blank = text.trim() === ''
    // The calls end the turn.
    if (place === 'calls') return blank ? [] : end('stop')
    if (place !== 'text' && blank) {
      blanks += text
      return []
    }
    const left = place === 'text' ? [] : leaveReasoning('text')
    const before = blanks
    blanks = ''
    return [...left, ...say('text', channels.text.characters.read(before + text), logprobs)]
  }

  const takeCall = (event: WireEvent & { type: 'call' }): Part[] => {
    if (!offered) return []
    // White space between reasoning and calls is layout.
    if (place !== 'text') blanks = ''
    const parts = [...leaveReasoning('calls'), ...leaveText()]
    let call = byIndex.get(event.index)
    if (!call || (event.id !== undefined && call.id !== undefined && event.id !== call.id)) {
      if (single && calls.length > 0) return [...parts, ...end('stop')]
      call = { id: event.id, name: '', arguments: '' }
      calls.push(call)
      byIndex.set(event.index, call)
    }
    if (call.name === '') call.name = event.name ?? ''
    call.arguments += event.arguments
    return parts
  }

  const leaveText = (): Part[] => {
    const rest = blanks + channels.text.characters.release()
    blanks = ''
    return rest === '' ? [] : say('text', rest)
  }

  const end = (reason: 'stop' | 'length'): Part[] => {
    const rest = place === 'calls' ? [] : [...leaveReasoning('text'), ...leaveText()]
    const ending: Part = { type: 'ended', reason, matchedStop: null }
    // The limit may have cut the last call, whatever its text looks like.
    const told = reason === 'length' ? calls.slice(0, -1) : calls
    const parts: Part[] = []
    for (const { name, arguments: written } of told) {
      const call = { name, arguments: (written.trim() || '{}').toWellFormed() }
      const verdict = name === '' || !membersOf(call.arguments) ? 'malformed' : judge(call)
      if (verdict && !last) return [...rest, { type: 'again', keep: 0 }]
      if (verdict === 'malformed') {
        // Once more would not help: what came of it is text, unless a call was told before it (contract C50, C53).
        if (parts.length === 0) rest.push(...say('text', written))
        return [...rest, ...parts, ending]
      }
      if (verdict) return [...rest, { type: 'failed', failure: verdict }]
      parts.push({ type: 'call', ...call })
    }
    return [...rest, ...parts, ending]
  }

  const read = untilEnding((part) => [part])
  const deaf = (parts: readonly Part[]): readonly Part[] => parts.flatMap(read)
  return {
    read(event) {
      if (event.type === 'call') return deaf(takeCall(event))
      if (event.type !== 'reasoning' && event.type !== 'text') return []
      return deaf(event.type === 'reasoning' ? takeReasoning(event) : takeText(event))
    },
    end: (reason) => deaf(end(reason)),
    reasoned: () => reasoned,
  }
}

type Delta = Extract<WireEvent, { type: 'reasoning' | 'text' }>
type WireLogprobs = Delta['logprobs']
