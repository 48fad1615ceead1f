/**
 * Conformance checks in the background, each in a process of its own: the requests that it sends, and the Tidegate that it puts in front
 * of the engine, take nothing from the event loop of the service. What stands where is told in the database, so that every process
 * of the service knows, and may end a check that another one began.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Schema } from '../../storage/schema.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AnswerOf } from './contract.ts'

type WireState = AnswerOf<'GET /admin/engines/{id}/check'>
type Progress = NonNullable<WireState['running']>

/** What is kept of one engine. */
export interface CheckState extends WireState {
  /** When the process that checks last said so, in milliseconds since 1970. */
  readonly beatAt?: number
  /** Somebody wants it to end. */
  readonly stop?: true
}

export interface EngineChecks {
  has(engine: string): boolean
  state(engine: string): Promise<WireState>
  states(): Promise<ReadonlyMap<string, CheckState>>
  /** @returns which engine is being checked already, then nothing was begun */
  start(engine: string): Promise<string | undefined>
  stop(engine: string): Promise<void>
  /** Ends what was begun here; what is still to be written of it has been, when this is done. */
  close(): Promise<void>
}

/** What the child says. */
export type CheckNews =
  | { readonly progress: Omit<Progress, 'startedAt'> }
  | { readonly report: NonNullable<WireState['report']> }
  | { readonly error: string }

/** Progress is written, and the wish to end it read, so often. */
const beatMs = 1_000
/** A check that was silent for so long is over: its process died. */
const deadMs = 30_000
/** One that does not end when it is told to is not waited for longer. */
const closeMs = 2_000

/**
 * @param subjects what the child is told of each engine; a credential in it goes no further than its memory
 * @param job the file that the child runs
 */
export function openEngineChecks(
  storage: Pick<Storage, 'db' | 'read'>,
  subjects: ReadonlyMap<string, object>,
  job: URL,
  now: () => number = Date.now,
): EngineChecks {
  const { db, read } = storage
  const own = new Map<string, { readonly child: ChildProcess; readonly over: Promise<void> }>()

  async function states() {
    const rows = await read.selectFrom('check_reports').selectAll().execute()
    return new Map(rows.map(({ engine, report }) => [engine, alive(JSON.parse(report) as CheckState)]))
  }
  const alive = (state: CheckState): CheckState =>
    state.running && (state.beatAt ?? 0) < now() - deadMs
      ? { ...state, running: null, error: 'The check ended before its time.' }
      : state

  /** @returns the state as it was before */
  const change = (engine: string, to: (before: CheckState) => CheckState) =>
    db.transaction().execute(async (trx) => {
      // There to be locked: of changes at once one after the other sees what the one before has written.
      await trx
        .insertInto('check_reports')
        .values({ engine, at: now(), report: JSON.stringify(idle) })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      const before = await stateIn(trx, engine)
      const values = { at: now(), report: JSON.stringify(to(before)) }
      await trx
        .insertInto('check_reports')
        .values({ engine, ...values })
        .onConflict((conflict) => conflict.column('engine').doUpdateSet(values))
        .execute()
      return before
    })

  function run(engine: string, startedAt: string) {
    // Prices are whole numbers of any size, which JSON cannot carry.
    const child = fork(job, { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' })
    // Answers come first.
    if (child.pid !== undefined) setPriority(child.pid, 10)
    let progress: Progress | undefined
    let over: Partial<CheckState> = { error: 'The check ended before its time.' }
    const tell = async () => {
      // What cannot be written now is told with the next beat.
      const before = await change(engine, (state) => ({
        ...state,
        beatAt: now(),
        ...(progress && { running: progress }),
      })).catch(() => undefined)
      if (before?.stop) child.kill('SIGTERM')
    }
    let telling: Promise<void> | undefined
    const beat = setInterval(() => {
      telling ??= tell().finally(() => {
        telling = undefined
      })
    }, beatMs)
    child.on('message', (news: CheckNews) => {
      if ('progress' in news) progress = { startedAt, ...news.progress }
      else over = 'report' in news ? { report: news.report, error: null } : { error: news.error }
    })
    child.on('error', () => undefined)
    const end = async () => {
      clearInterval(beat)
      await telling
      await change(engine, ({ report }) => ({ running: null, error: null, report, ...over })).catch(() => undefined)
      own.delete(engine)
    }
    own.set(engine, { child, over: new Promise((resolve) => child.once('close', () => resolve(end()))) })
    child.send(subjects.get(engine) ?? {})
  }

  return {
    states,
    has: (engine) => subjects.has(engine),

    async state(engine) {
      const { running, error, report } = (await states()).get(engine) ?? idle
      return { running, error, report }
    },

    async start(engine) {
      const busy = [...(await states())].find(([, { running }]) => running)
      if (busy) return busy[0]
      const startedAt = new Date(now()).toISOString()
      const running = { startedAt, column: 'direct', done: 0, total: 0, current: '' } as const
      const before = await change(engine, (state) =>
        alive(state).running ? state : { running, error: null, report: state.report, beatAt: now() },
      )
      if (alive(before).running) return engine
      run(engine, startedAt)
      return undefined
    },

    async stop(engine) {
      await change(engine, (state) => (alive(state).running ? { ...state, stop: true } : state))
    },

    async close() {
      const running = [...own.values()]
      for (const { child } of running) child.kill('SIGTERM')
      await Promise.race([Promise.all(running.map(({ over }) => over)), pause(closeMs, undefined, { ref: false })])
    },
  }
}

const idle: CheckState = { running: null, error: null, report: null }

async function stateIn(trx: Kysely<Schema>, engine: string): Promise<CheckState> {
  const row = await trx
    .selectFrom('check_reports')
    .select('report')
    .where('engine', '=', engine)
    .forUpdate()
    .executeTakeFirst()
  return row ? (JSON.parse(row.report) as CheckState) : idle
}
