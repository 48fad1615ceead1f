import type { CompletionEvent } from '../completion/event.ts'
import type { Answer, Lost } from './attempt.ts'

/** An attempt that may be outrun by another one. */
export interface Runner {
  readonly engine: string
  readonly answer: Answer
  /** As `attemptAt`. */
  readonly events: AsyncGenerator<CompletionEvent, Lost | undefined>
  /** Resolved with its first word, whoever may see it yet. */
  readonly word: Promise<void>
  spoke(): boolean
  /** Nobody needs it any more: it ends within `abortMs`, and is not blamed. */
  outrun(): void
}

export interface Loss {
  readonly runner: Runner
  readonly lost: Lost
}

interface Running {
  readonly runner: Runner
  readonly next: Promise<IteratorResult<CompletionEvent, Lost | undefined>>
}

/** One attempt and no other. @returns as `race` */
export async function* alone(runner: Runner): AsyncGenerator<CompletionEvent, readonly Loss[]> {
  const lost = yield* runner.events
  return lost ? [{ runner, lost }] : []
}

/**
 * Runs one attempt, and a second one beside it when the first has no word after `dueMs`. Whoever has the first word makes the answer,
 * and the other one is outrun. Who fails before that is out, and the other one goes on alone.
 * @param second undefined when nobody can make a second one
 * @param onWon told who makes the answer, before anything of it is shown
 * @returns who failed, in this order; nobody where the answer is complete
 */
export async function* race(
  first: Runner,
  dueMs: number,
  second: () => Promise<Runner | undefined>,
  onWon: (winner: Runner) => void,
): AsyncGenerator<CompletionEvent, readonly Loss[]> {
  const losses: Loss[] = []
  let running: Running[] = [begun(first)]
  try {
    if (await isSlow(running, dueMs)) {
      const other = await second()
      if (other) running.push(begun(other))
    }
    for (;;) {
      const ahead = await Promise.race(running.map(ready))
      if (!ahead.runner.spoke()) {
        const { value } = await ahead.next
        running = running.filter((one) => one !== ahead)
        // Without a word it can only have ended.
        losses.push({ runner: ahead.runner, lost: value as Lost })
        if (running.length > 0) continue
        return losses
      }
      for (const one of running) if (one !== ahead) leave(one)
      running = []
      onWon(ahead.runner)
      const lost = yield* restOf(ahead)
      return lost ? [...losses, { runner: ahead.runner, lost }] : []
    }
  } finally {
    for (const one of running) leave(one)
  }
}

const begun = (runner: Runner): Running => ({ runner, next: runner.events.next() })

async function* restOf({ runner: { events }, next }: Running): AsyncGenerator<CompletionEvent, Lost | undefined> {
  try {
    const first = await next
    if (first.done) return first.value
    yield first.value
    return yield* events
  } finally {
    // Whoever reads may leave at the last event.
    await events.return(undefined)
  }
}

/** Once it has spoken or ended. @throws what its attempt throws */
async function ready(one: Running): Promise<Running> {
  await Promise.race([one.next, one.runner.word])
  return one
}

async function isSlow([only]: readonly Running[], ms: number): Promise<boolean> {
  if (!only) return false
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(true), ms)
  const came = () => resolve(false)
  ready(only).then(came, came)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** Reads on to its end, so that its place is given back. */
function leave({ runner, next }: Running): void {
  runner.outrun()
  void (async () => {
    for (let result = await next; !result.done; result = await runner.events.next());
  })().catch(() => undefined)
}
