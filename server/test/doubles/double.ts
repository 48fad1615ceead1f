import type { RemoteKind } from '../../src/engines/kinds.ts'
import type { Replies } from './replies.ts'
import { type Manner, server, type Voice } from './voice.ts'

/** One fake server that a test or `npm run double` can start. */
export interface Double {
  /** A row of contract section 17, or a kind's own name for the one that behaves. */
  readonly name: string
  readonly kind: RemoteKind
  readonly does: string
  /** What clients get when there is no other replica: answers, not always, never; or a prompt is always too long for it. */
  readonly alone: 'answers' | 'may fail' | 'fails' | 'overflows'
  /** It says nothing for so long that only a deadline ends the wait. */
  readonly stalls?: true
  /** Its replies, begun anew: some remember what they were asked. */
  readonly replies: () => Replies
}

type More = Partial<Pick<Double, 'alone' | 'stalls'>>

/** Doubles of one kind, each with its own manner. */
export const doublesOf =
  (voice: Voice) =>
  (name: string, does: string, manner: Manner | (() => Manner), more: More = {}): Double => ({
    name,
    kind: voice.kind,
    does,
    alone: 'answers',
    ...more,
    replies: () => server(voice, typeof manner === 'function' ? manner() : manner),
  })
