import type { Draft } from '../completion/draft/draft.ts'
import type { Failed, Finished, Piece } from '../completion/event.ts'
import type { Failure } from '../completion/failure.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, Room, Tell } from '../completion/serve.ts'
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
  held: Piece[] | undefined
}

/** `handover`: the attempt did not fail by itself. `inCompany`: other prompts were being read there, too. */
export type Lost = Failed & { readonly handover?: Handover; readonly inCompany?: boolean }

/** What an attempt is made with. */
export interface AttemptParts {
  readonly vigil: Vigil
  /** Ends it, as the caller's signal does; let go of at the end. */
  readonly giveUp: LinkedAbort
  /** Whether another replica takes the answer at once. */
  readonly mayHandOver: (reason: Handover) => boolean
  /** Called with the first word, before it is told. */
  readonly onAnswer: () => void
  readonly onOutcome: (outcome: string) => void
}

/**
 * One attempt, while the place is held.
 * @returns the end of the answer; or the failure, which nobody was told of, and whether it was none but a handover
 */
export async function attemptAt(
  { replica, attempt, leave }: Place,
  request: CompletionRequest,
  call: Call,
  answer: Answer,
  { vigil, giveUp, mayHandOver, onAnswer, onOutcome }: AttemptParts,
  tell: Tell,
): Promise<Finished | Lost> {
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
  const show = () => {
    const { held = [] } = answer
    answer.held = undefined
    for (const piece of held) tell(piece)
  }
  const hear = (piece: Piece) => {
    verdict.see(piece)
    watched.moved = true
    if (piece.type !== 'started') onAnswer()
    if (!answer.held) return tell(piece)
    answer.held.push(piece)
    if (!call.whole && piece.type !== 'started') show()
  }
  const inside: Call = { ...call, signal: giveUp.signal, draft }
  try {
    const ending = verdict.end(
      await replica.serve(request, call.room ? { ...inside, room: watching(watched, call.room) } : inside, hear),
    )
    if (ending.type === 'failed') {
      const known = { ...ending, ...(inCompany() && { inCompany: true }) }
      return handover && !call.signal.aborted ? { ...known, handover } : known
    }
    onAnswer()
    show()
    return ending
  } finally {
    giveUp.unlink()
    verdict.over()
    end()
    leave()
  }
}

/** While the client lags, no engine is waited for. */
const watching =
  (watched: { waiting: boolean }, room: Room): Room =>
  () => {
    const caughtUp = room()
    if (!caughtUp) return undefined
    watched.waiting = false
    return caughtUp.then(() => {
      watched.waiting = true
    })
  }

const stalled = { code: 'engine-timeout', message: 'The engine stood still.', retryAfterSeconds: 5 } as const
