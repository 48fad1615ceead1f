import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Area, Check } from '../check/check.ts'
import type { Target } from '../check/probe.ts'
import { type ColumnName, reportOf } from '../check/report.ts'
import { type Column, chosenAreas, runChecks } from '../check/run-checks.ts'
import { UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { version } from '../lib/version.ts'
import type { CheckFlags } from './check.ts'
import { type Subject, subjectOf } from './check-subject.ts'
import { checkTable } from './check-table.ts'
import type { Terminal } from './command.ts'
import { startInFront } from './in-front.ts'

/** The server could not be checked, which is not the same as a server that keeps too little. */
class Unchecked extends OperatorError {
  override readonly exitCode = 2
}

/** @throws OperatorError when something is broken, `Unchecked` when nobody can say */
export async function runCheck(flags: CheckFlags, terminal: Terminal): Promise<void> {
  const { areas, unknown } = chosenAreas(flags.only)
  if (unknown.length > 0) throw new UsageError(`There is no check ${unknown.join(', ')}.`)
  const { report, ended } = await withInterrupt(flags.seconds * 1000, async (signal) => {
    const subject = await subjectOf(flags, terminal)
    const onProgress = progressOf(terminal)
    return checked(subject, areas, { timeoutMs: flags.timeout * 1000, signal, onProgress }).finally(() => {
      if (terminal.interactive) terminal.overwrite('')
    })
  }).catch(asUnchecked)

  if (flags.json !== '') for (const line of checkTable(report, terminal.colours)) terminal.print(line)
  const json = JSON.stringify(report, null, 2)
  if (flags.json === '') terminal.print(json)
  else if (flags.json !== undefined) writeFileSync(resolve(terminal.cwd, flags.json), `${json}\n`)

  if (ended !== undefined) throw new Unchecked(`The run ended before its time: ${ended}.`)
  const column = report.columns.at(-1)
  const broken = column === undefined ? 0 : (report.summary[column]?.broken ?? 0)
  if (broken === 0) return
  const where = column === 'through' ? ' through Tidegate' : ''
  throw new OperatorError(`${broken} of ${report.checks.length} checks ${broken === 1 ? 'is' : 'are'} broken${where}.`)
}

function asUnchecked(error: unknown): never {
  if (error instanceof OperatorError && !(error instanceof UsageError))
    throw new Unchecked(error.message, { cause: error })
  throw error
}

export interface Run {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress: (column: ColumnName, done: number, total: number, check: Check) => void
}

/** @returns what was found, and why it is not all, if so  @throws OperatorError when nothing could be */
export async function checked(subject: Subject, areas: readonly Area[], run: Run) {
  const { direct, inFront, engine, kind } = subject
  const { signal, timeoutMs, onProgress } = run
  const startedAt = new Date()
  const columns: (readonly [ColumnName, Column])[] = []
  let ended: string | undefined
  const look = async (name: ColumnName, target: Target) => {
    try {
      const column = await runChecks(target, {
        areas,
        signal,
        timeoutMs,
        onProgress: (...how) => onProgress(name, ...how),
      })
      columns.push([name, column])
      ended ??= column.ended
    } catch (error) {
      if (signal.aborted) ended = String(signal.reason)
      // What the first column found is not lost with the second.
      else if (columns.length > 0 && error instanceof OperatorError) ended = error.message.replace(/\.$/, '')
      else throw error
    }
  }
  let model = direct?.model
  if (direct) await look('direct', direct)
  if (inFront && ended === undefined) {
    const made = await inFront(columns[0]?.[1])
    model ??= made.model.id
    const front = await startInFront(made.engine, made.model, made.limits)
    try {
      await look('through', front.target)
    } finally {
      await front.close()
    }
  }
  if (columns.length === 0) throw new OperatorError(`Nothing was checked: ${ended}.`)
  const target = {
    ...(direct && { url: direct.baseUrl }),
    model: model ?? '',
    ...(engine !== undefined && { engine }),
    ...(kind !== undefined && { kind }),
  }
  const endedAt = new Date()
  return {
    report: reportOf({ version, target, areas, columns, startedAt, endedAt, complete: ended === undefined }),
    ended,
  }
}

const lineMax = 79

/** One line on a terminal, written over; nothing elsewhere. */
const progressOf =
  (terminal: Terminal): Run['onProgress'] =>
  (name, done, total, { id, title }) => {
    const where = name === 'direct' ? 'direct' : 'through Tidegate'
    if (terminal.interactive) terminal.overwrite(`${where} ${done + 1}/${total}  ${id} ${title}`.slice(0, lineMax))
  }

/** The first Ctrl-C ends the run with what is there; a second one ends the process. */
async function withInterrupt<T>(limitMs: number, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => stop.abort('the run was stopped')
  const timer = setTimeout(() => stop.abort('the time of the run was over'), limitMs)
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await use(stop.signal)
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
