import type { Effort } from '../dialect.ts'

/** What a turn is about; the figures of the model card are given per domain. */
export type Domain =
  | 'greeting'
  | 'identity'
  | 'small talk'
  | 'fact'
  | 'honest "I do not know"'
  | 'echo'
  | 'arithmetic'
  | 'counting'
  | 'story'
  | 'memory'
  | 'system rule'
  | 'JSON'
  | 'tool call'
  | 'parallel tool calls'
  | 'answer from a tool result'
  | 'plain answer beside tools'
  | 'long context'

/** One question and its one right answer. */
export type Turn = {
  domain: Domain
  user: string
  answer: string
  /** The reasoning when thinking is on: short, naming what has to be copied. */
  think: string
  /** The answer when thinking is off, where the answer alone is more than a small model can say at once. */
  worked?: string
}

/** At effort max the reasoning ends with a look back. */
export const reasoning = (think: string, effort: Effort): string =>
  effort === 'max' ? `${think} I check it again.` : think
