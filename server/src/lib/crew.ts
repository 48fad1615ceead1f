/** The processes that serve together on one machine, how one of them asks all, and how it asks the one that leads. */
import { messageOf } from './operator-error.ts'

export interface Crew {
  /** How many they are. */
  readonly size: number
  /** What this process says to `question`, or does about it; plain data both ways. */
  answer(question: string, say: Saying): void
  /** @returns what each says, this process among them; who does not answer in time is left out */
  ask(question: string, given?: unknown): Promise<readonly unknown[]>
  /** Asks the one that leads; absent where nobody does. Rejects when it cannot say. */
  readonly askLeader?: (question: string, given: unknown) => Promise<unknown>
}

type Saying = (given: unknown) => Promise<unknown>

/** From a worker to whoever leads the crew. */
export type ToLeader =
  | { readonly type: 'ask'; readonly id: number; readonly question: string; readonly given: unknown }
  | { readonly type: 'ask-leader'; readonly id: number; readonly question: string; readonly given: unknown }
  | { readonly type: 'said'; readonly round: number; readonly answer: unknown }

/** From the leader to a worker. */
export type ToMember =
  | { readonly type: 'say'; readonly round: number; readonly question: string; readonly given: unknown }
  | { readonly type: 'leader-said'; readonly id: number; readonly answer?: unknown; readonly error?: string }
  | { readonly type: 'answers'; readonly id: number; readonly answers: readonly unknown[] }

type Sayings = Map<string, Saying>

const sayIn = async (sayings: Sayings, question: string, given: unknown): Promise<unknown> =>
  sayings.get(question)?.(given)

/** A crew of one. */
export function alone(): Crew {
  const sayings: Sayings = new Map()
  return {
    size: 1,
    answer: (question, say) => void sayings.set(question, say),
    ask: async (question, given) => [await sayIn(sayings, question, given)],
  }
}

/** A worker's part. `hear` takes what the leader says to it. */
export function member(size: number, toLeader: (message: ToLeader) => void): Crew & { hear(message: ToMember): void } {
  const sayings: Sayings = new Map()
  const open = new Map<number, (answers: readonly unknown[]) => void>()
  const openToLeader = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  return {
    size,
    answer: (question, say) => void sayings.set(question, say),
    ask: (question, given) =>
      new Promise((resolve) => {
        const id = ++lastId
        open.set(id, resolve)
        toLeader({ type: 'ask', id, question, given })
      }),
    askLeader(question, given) {
      const id = ++lastId
      const asked = Promise.withResolvers<unknown>()
      openToLeader.set(id, asked)
      toLeader({ type: 'ask-leader', id, question, given })
      return asked.promise
    },
    hear(message) {
      if (message.type === 'answers') {
        open.get(message.id)?.(message.answers)
        open.delete(message.id)
        return
      }
      if (message.type === 'leader-said') {
        const asked = openToLeader.get(message.id)
        openToLeader.delete(message.id)
        if (message.error === undefined) asked?.resolve(message.answer)
        else asked?.reject(new Error(message.error))
        return
      }
      const { round, question, given } = message
      void sayIn(sayings, question, given)
        // Who cannot say is left out, like one that is silent.
        .catch(() => undefined)
        .then((answer) => toLeader({ type: 'said', round, answer }))
    },
  }
}

/** Where a worker is reached, for the leader. */
export interface Reach {
  send(message: ToMember): void
}

/** A worker that is busy for so long is left out of an answer. */
const answerMs = 2_000

/** The leader's part: takes a question from one to all, and their answers back. */
export function leader<Worker extends Reach>() {
  const workers = new Set<Worker>()
  const sayings: Sayings = new Map()
  const rounds = new Map<number, { readonly waitsFor: Set<Worker>; readonly answers: unknown[]; end(): void }>()
  let lastRound = 0

  const hearAnswer = (worker: Worker, round: number, answer: unknown) => {
    const one = rounds.get(round)
    if (!one?.waitsFor.delete(worker)) return
    if (answer !== undefined) one.answers.push(answer)
    if (one.waitsFor.size === 0) one.end()
  }

  return {
    /** What the leader itself says to `askLeader`. */
    answer: (question: string, say: Saying) => void sayings.set(question, say),
    join: (worker: Worker) => void workers.add(worker),
    leave(worker: Worker) {
      workers.delete(worker)
      for (const round of rounds.keys()) hearAnswer(worker, round, undefined)
    },
    hear(worker: Worker, message: ToLeader) {
      if (message.type === 'said') return hearAnswer(worker, message.round, message.answer)
      const { id, question, given } = message
      if (message.type === 'ask-leader') {
        sayIn(sayings, question, given).then(
          (answer) => worker.send({ type: 'leader-said', id, answer }),
          (error) => worker.send({ type: 'leader-said', id, error: messageOf(error) }),
        )
        return
      }
      const round = ++lastRound
      const answers: unknown[] = []
      const end = () => {
        clearTimeout(late)
        rounds.delete(round)
        worker.send({ type: 'answers', id, answers })
      }
      const late = setTimeout(end, answerMs)
      rounds.set(round, { waitsFor: new Set(workers), answers, end })
      for (const one of workers) one.send({ type: 'say', round, question, given })
    },
  }
}
