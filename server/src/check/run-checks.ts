import { allAreas } from './all-checks.ts'
import { type Area, type Check, cannotTell, type Verdict } from './check.ts'
import { createExchange } from './exchange.ts'
import { type Asking, Busy, createAsking, Gone, type Probe, type Survey, type Target } from './probe.ts'
import { lookAt } from './survey.ts'

export interface RunOptions {
  readonly areas: readonly Area[]
  /** For one request. */
  readonly timeoutMs: number
  /** Aborted: what was not checked yet cannot be told, for the reason that it was aborted with, a text. */
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number, check: Check) => void
}

export interface Result {
  readonly verdict: Verdict
  readonly ms: number
  readonly requests: number
}

/** What one server keeps, by the ids of the checks. */
export interface Column {
  readonly results: ReadonlyMap<string, Result>
  /** What it showed at the first look. */
  readonly survey: Survey
  /** Why it is not whole: what was left cannot be told. */
  readonly ended?: string
}

/** One check after the other: a server is looked at, not loaded. @throws OperatorError when it cannot be asked at all */
export async function runChecks(target: Target, options: RunOptions): Promise<Column> {
  const { areas, timeoutMs, signal, onProgress } = options
  const exchange = createExchange(timeoutMs)
  const checks = areas.flatMap((area) => area.checks)
  const results = new Map<string, Result>()
  try {
    const asking = createAsking(target, { exchange, signal })
    const survey = await lookAt(asking)
    const probe: Probe = { ...asking, survey }
    let ended: string | undefined
    for (const [index, check] of checks.entries()) {
      onProgress(index, checks.length, check)
      const startedAt = performance.now()
      const before = asking.answers.length
      const verdict = await verdictOf(check, probe, ended).catch((error: unknown) => {
        if (!signal.aborted && !(error instanceof Gone)) throw error
        ended = error instanceof Gone ? error.message : String(signal.reason)
        return cannotTell(ended)
      })
      const ms = Math.round(performance.now() - startedAt)
      results.set(check.id, { verdict: concealed(verdict, asking), ms, requests: asking.answers.length - before })
    }
    return { results, survey, ...(ended !== undefined && { ended }) }
  } finally {
    await exchange.close()
  }
}

async function verdictOf(check: Check, probe: Probe, ended: string | undefined): Promise<Verdict> {
  if (ended !== undefined) return cannotTell(ended)
  try {
    return await check.run(probe)
  } catch (error) {
    if (error instanceof Busy) return cannotTell(error.message)
    throw error
  }
}

const concealed = (verdict: Verdict, { conceal }: Asking): Verdict =>
  verdict.verdict === 'kept' ? verdict : { ...verdict, reason: conceal(verdict.reason) }

/** @param only ids of checks, in any case  @returns the areas with those alone, and the ids that are none */
export function chosenAreas(only: readonly string[] | undefined): { areas: readonly Area[]; unknown: string[] } {
  if (!only) return { areas: allAreas, unknown: [] }
  const wanted = only.map((id) => id.toLowerCase())
  const isWanted = ({ id }: Check) => wanted.includes(id.toLowerCase())
  const known = allAreas.flatMap(({ checks }) => checks.map(({ id }) => id.toLowerCase()))
  return {
    areas: allAreas
      .map(({ name, checks }) => ({ name, checks: checks.filter(isWanted) }))
      .filter(({ checks }) => checks.length > 0),
    unknown: only.filter((id) => !known.includes(id.toLowerCase())),
  }
}
