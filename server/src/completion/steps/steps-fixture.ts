import type { Part, PartStep } from './part.ts'
import { isEnding, naturalEnd } from './part.ts'
import { passages } from './passage.ts'

/** What came out of a step, its words joined: independent of cuts if the step is right. */
export interface Told {
  readonly reasoning: string
  readonly text: string
  readonly calls: readonly (readonly [name: string, args: string])[]
  readonly ending: Part | undefined
  /** The parts as they came. */
  readonly parts: readonly Part[]
}

/** Feeds a step one token for each piece and then `ending`, and stops at its first ending. */
export function tell(step: PartStep, pieces: readonly string[], ending: Part = naturalEnd): Told {
  const passageOf = passages()
  const parts: Part[] = []
  for (const part of [...pieces.map((text) => ({ text })), ending]) {
    parts.push(...step('text' in part ? { type: 'text', passage: passageOf({ text: part.text, tokens: 1 }) } : part))
    if (parts.some(isEnding)) break
  }
  const joined = (type: 'reasoning' | 'text') =>
    parts.map((part) => (part.type === type ? part.passage.text : '')).join('')
  return {
    reasoning: joined('reasoning'),
    text: joined('text'),
    calls: parts.flatMap((part) => (part.type === 'call' ? [[part.name, part.arguments] as const] : [])),
    ending: parts.find(isEnding),
    parts,
  }
}

/** @returns `text` in the pieces that `cuts` make of it; never inside a character, as engines do. */
export function cutUp(text: string, cuts: readonly number[]): string[] {
  const characters = [...text]
  const places = [...new Set(cuts.map((cut) => cut % (characters.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, i) => characters.slice(from, places[i] ?? characters.length).join(''))
}
