import type { Ending, Piece } from '../completion/event.ts'
import type { Failure, FailureCode } from '../completion/failure.ts'
import type { Try } from '../lib/circuit-breaker.ts'
import { blame } from './blame.ts'

/**
 * Tells the engine's breaker of an attempt. One that nobody waits for any more says nothing about its engine.
 * @param onOutcome hears how it ended: `ok`, or the code of the failure
 * @param told what a failure is to count as, for whoever knows more about it than the engine
 */
export function judging(
  attempt: Try,
  onOutcome: (outcome: 'ok' | FailureCode) => void,
  told: (failure: Failure) => Failure = (failure) => failure,
) {
  let outcome: 'ok' | FailureCode = 'cancelled'
  let retryAfterSeconds: number | undefined
  return {
    see(piece: Piece): void {
      if (piece.type !== 'started') attempt.worked()
    },
    /** @returns the end, its failure as it is to count */
    end(ending: Ending): Ending {
      if (ending.type === 'finished') {
        outcome = 'ok'
        return ending
      }
      const failure = told(ending.failure)
      outcome = failure.code
      retryAfterSeconds = failure.retryAfterSeconds
      return { ...ending, failure }
    },
    /** To be called once. */
    over() {
      const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000
      attempt.ended(outcome === 'ok' ? undefined : blame[outcome], retryAfterMs)
      onOutcome(outcome)
    },
  }
}
