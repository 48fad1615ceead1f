import type { Part } from '../steps/part.ts'
import { createRawText, type RawText } from './raw-text.ts'
import type { Words } from './shown.ts'
import { createSpeaker, type Speaker } from './speaker.ts'
import { startTally, type Tally } from './tally.ts'

/**
 * An answer in the making: what was written, what was said of it, what it counts. It belongs to the request and not to the engine
 * that writes it, so that whoever goes on with it knows all that stands (contract C113).
 */
export interface Draft {
  readonly raw: RawText
  /** In place of `raw`, of an engine that tells reasoning and text apart itself: what it gave of them so far. */
  heard: readonly Heard[]
  readonly speaker: Speaker
  readonly tally: Tally
  /** Generations begun for it so far. */
  runs: number
  /** Of these, those for output that was not what the request promises. */
  retries: number
  /**
   * What its writer's weights and way of speaking are called: an engine with the same name can go on with it. Undefined until
   * something was written that anybody could go on from.
   */
  writer: string | undefined
  /** Whose tokens the marks of `raw` name: to others they say nothing. */
  vocabulary: string | undefined
  /** In what part of the answer its writer is; asked only when that breaks off. */
  phase: () => Phase
  /** The words of it that were said, for whoever goes on with it in another way; undefined where no words tell what stands. */
  shown: () => Words | undefined
}

/** A piece of an answer as a chat API gives it, and the borders between. */
export type Heard = Extract<Part, { readonly type: 'reasoning' | 'border' | 'text' }>

/** `start`: nothing was written yet. `json`: the answer itself, where it is held to a format. */
export type Phase = 'start' | 'reasoning' | 'text' | 'json' | 'call'

/** @param withLogprobs whether what is said carries log probabilities */
export const startDraft = (withLogprobs: boolean): Draft => ({
  raw: createRawText(),
  heard: [],
  speaker: createSpeaker(withLogprobs),
  tally: startTally(),
  runs: 0,
  retries: 0,
  writer: undefined,
  vocabulary: undefined,
  phase: () => 'start',
  shown: () => undefined,
})
