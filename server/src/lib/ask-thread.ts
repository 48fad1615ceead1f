/** Questions to a thread that has time for them: it begins with the first one, and again after it died. */
import { parentPort, Worker } from 'node:worker_threads'

/** What a thread can be asked: arguments and answers are copied from one to the other, but for bytes, which are handed over. */
export type Answers = Readonly<Record<string, (question: never) => Promise<unknown>>>

interface Question {
  readonly id: number
  readonly name: string
  readonly question: unknown
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

export interface AskThread<Known extends Answers> {
  /** @throws Error with the thread's words, or when it ended over the question */
  ask<Name extends keyof Known & string>(
    name: Name,
    question: Parameters<Known[Name]>[0],
  ): Promise<Awaited<ReturnType<Known[Name]>>>
  close(): Promise<void>
}

/** @param file what runs in the thread; it calls `answerQuestions` */
export function askThread<Known extends Answers>(file: URL, workerData: unknown): AskThread<Known> {
  const open = new Map<number, PromiseWithResolvers<unknown>>()
  let worker: Worker | undefined
  let lastId = 0

  const start = (): Worker => {
    const thread = new Worker(file, { workerData, execArgv: [] })
    // It keeps nobody from ending.
    thread.unref()
    thread.on('message', ({ id, answer, error }: Answer) => {
      const one = open.get(id)
      open.delete(id)
      if (error === undefined) one?.resolve(answer)
      else one?.reject(new Error(error))
    })
    thread.on('error', (error) => end(error))
    thread.on('exit', () => end(new Error('The thread has ended.')))
    const end = (error: unknown) => {
      if (worker !== thread) return
      worker = undefined
      for (const one of open.values()) one.reject(error)
      open.clear()
    }
    return thread
  }

  return {
    async ask(name, question) {
      worker ??= start()
      const id = ++lastId
      const answer = Promise.withResolvers<unknown>()
      open.set(id, answer)
      worker.postMessage({ id, name, question } satisfies Question)
      return answer.promise as never
    },
    async close() {
      await worker?.terminate()
    },
  }
}

/** In the thread. @param before each question, when it resolves */
export function answerQuestions(answers: Answers, before: () => Promise<void> = async () => undefined): void {
  parentPort?.on('message', async ({ id, name, question }: Question) => {
    try {
      await before()
      const answer = await answers[name]?.(question as never)
      parentPort?.postMessage({ id, answer } satisfies Answer, bytesIn(answer))
    } catch (error) {
      parentPort?.postMessage({ id, error: String(error) } satisfies Answer)
    }
  })
}

/** What an answer has in bytes, itself or in a member, each in a buffer of its own. */
const bytesIn = (answer: unknown): ArrayBuffer[] =>
  [answer, ...Object.values(answer instanceof Uint8Array ? {} : Object(answer))].flatMap((one) =>
    one instanceof Uint8Array && one.buffer instanceof ArrayBuffer && one.byteLength === one.buffer.byteLength
      ? [one.buffer]
      : [],
  )
