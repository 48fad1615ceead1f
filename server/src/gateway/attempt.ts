import type { Draft } from '../completion/draft/draft.ts'
import type { CompletionEvent } from '../completion/event.ts'
import type { Failure } from '../completion/failure.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call } from '../completion/serve.ts'
import type { LinkedAbort } from '../lib/linked-abort.ts'
import { judging } from '../routing/judging.ts'
import type { Place } from './find-place.ts'
import type { Handover, Vigil } from './vigil.ts'

/** One answer on its way, over all attempts at it. */
export interface Answer {
  readonly draft: Draft
  /**
   * What is not shown yet, so that an attempt can begin anew: all before the first word; of an answer in one piece, all before its end.
   * Undefined once something was shown.
   */
  held: CompletionEvent[] | undefined
}

export type Failed = CompletionEvent & { readonly type: 'failed' }
/** `handover`: the attempt did not fail by itself. `inCompany`: other prompts were being read there, too. */
export type Lost = Failed & { readonly handover?: Handover; readonly inCompany?: boolean }

/** What an attempt is made with. */
export interface AttemptParts {
  readonly vigil: Vigil
  /** Ends it, as the caller's signal does; let go of at the end. */
  readonly giveUp: LinkedAbort
  /** Whether another replica takes the answer at once. */
  readonly mayHandOver: (reason: Handover) => boolean
  /** Called with the first word. */
  readonly onAnswer: () => void
  readonly onOutcome: (outcome: string) => void
}

/**
 * One attempt, while the place is held.
 * @returns the failure, kept back, and whether it was none but a handover; undefined when the answer is complete.
 */
export async function* attemptAt(
  { replica, attempt, leave }: Place,
  request: CompletionRequest,
  call: Call,
  answer: Answer,
  { vigil, giveUp, mayHandOver, onAnswer, onOutcome }: AttemptParts,
): AsyncGenerator<CompletionEvent, Lost | undefined> {
  const { draft } = answer
  let handover: Handover | undefined
  const { watched, inCompany, end } = vigil.watch({
    engine: replica.engine,
    tokens: () => draft.tally.tokens(),
    leaving: () => replica.leaving?.() ?? false,
    handOver(reason) {
      if (handover || !mayHandOver(reason)) return false
      handover = reason
      giveUp.abort()
      return true
    },
  })
  /** That an engine stood still is its failure; what else we left it for is not. */
  const told = (failure: Failure): Failure => (handover === 'stalled' && !call.signal.aborted ? stalled : failure)
  const verdict = judging(attempt, onOutcome, told)
  try {
    for await (const came of replica.serve(request, { ...call, signal: giveUp.signal, draft })) {
      const event = verdict.see(came)
      watched.waiting = false
      if (event.type === 'failed') {
        const known = { ...event, ...(inCompany() && { inCompany: true }) }
        return handover && !call.signal.aborted ? { ...known, handover } : known
      }
      if (event.type !== 'started') onAnswer()
      const { held } = answer
      if (held) held.push(event)
      else yield event
      if (held && (call.whole ? event.type === 'finished' : event.type !== 'started')) {
        answer.held = undefined
        yield* held
      }
      watched.moved = true
      watched.waiting = true
    }
    return undefined
  } finally {
    giveUp.unlink()
    verdict.over()
    end()
    leave()
  }
}

const stalled = { code: 'engine-timeout', message: 'The engine stood still.', retryAfterSeconds: 5 } as const
