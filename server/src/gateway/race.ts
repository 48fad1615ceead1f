import type { Finished } from '../completion/event.ts'
import type { Tell } from '../completion/serve.ts'
import type { Answer, Lost } from './attempt.ts'

/** An attempt that may be outrun by another one. */
export interface Runner {
  readonly engine: string
  readonly answer: Answer
  /** To be called once. As `attemptAt`. @param onWord called with its first word, before that is told */
  run(tell: Tell, onWord: () => void): Promise<Finished | Lost>
  spoke(): boolean
  /** Nobody needs it any more: it ends within `abortMs`, and is not blamed. */
  outrun(): void
}

export interface Loss {
  readonly runner: Runner
  readonly lost: Lost
}

/** The end of the answer; or who failed, in this order. */
export type Outcome = Finished | readonly Loss[]

export const isOver = (outcome: Outcome): outcome is Finished => 'type' in outcome

/** One attempt and no other. */
export async function alone(runner: Runner, tell: Tell): Promise<Outcome> {
  const ended = await runner.run(tell, () => undefined)
  return ended.type === 'finished' ? ended : [{ runner, lost: ended }]
}

/** How one of them ended. */
type Ended = { readonly runner: Runner } & ({ readonly end: Finished | Lost } | { readonly error: unknown })

/**
 * Runs one attempt, and a second one beside it when the first has no word after `dueMs`. Whoever has the first word makes the answer,
 * and the other one is outrun. Who fails before that is out, and the other one goes on alone.
 * @param second undefined when nobody can make a second one
 * @param onWon told who makes the answer, before anything of it is told
 * @throws what an attempt throws
 */
export async function race(
  first: Runner,
  dueMs: number,
  second: () => Promise<Runner | undefined>,
  onWon: (winner: Runner) => void,
  tell: Tell,
): Promise<Outcome> {
  const running = new Map<Runner, Promise<Ended>>()
  const losses: Loss[] = []
  let winner: Runner | undefined
  const word = Promise.withResolvers<void>()
  const leaveOthers = () => {
    for (const one of running.keys()) if (one !== winner) one.outrun()
  }
  const win = (runner: Runner) => {
    if (winner) return
    winner = runner
    onWon(runner)
    leaveOthers()
    word.resolve()
  }
  const start = (runner: Runner) => {
    const ended = runner.run(
      (piece) => {
        if (winner === runner) tell(piece)
      },
      () => win(runner),
    )
    running.set(
      runner,
      ended.then(
        (end): Ended => ({ runner, end }),
        (error: unknown): Ended => ({ runner, error }),
      ),
    )
  }
  try {
    start(first)
    if (await isSlow([...running.values(), word.promise], dueMs)) {
      const other = await second()
      if (other) start(other)
      if (winner) leaveOthers()
    }
    for (;;) {
      const ended = await Promise.race(running.values())
      running.delete(ended.runner)
      // Who was outrun has nothing more to say, however it ended.
      if (winner && winner !== ended.runner) continue
      if ('error' in ended) throw ended.error
      if (ended.end.type === 'finished') return ended.end
      losses.push({ runner: ended.runner, lost: ended.end })
      if (winner || running.size === 0) return losses
    }
  } finally {
    for (const one of running.keys()) one.outrun()
  }
}

/** Whether none of these settles within so many milliseconds. */
async function isSlow(awaited: readonly Promise<unknown>[], ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(true), ms)
  for (const one of awaited) void one.then(() => resolve(false))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
