import type { Area, Verdict } from './check.ts'
import type { Column } from './run-checks.ts'

export type ColumnName = 'direct' | 'through'

/** What `tidegate check --json` writes. Its shape changes only with `format`; new members may come at any time. */
export interface Report {
  readonly format: 1
  /** Of Tidegate, which is also the version of the contract. */
  readonly version: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  /** False: it was stopped, or its time was over, and what was left is `cannot-tell`. */
  readonly complete: boolean
  readonly target: ReportTarget
  /** In this order. `direct` is the server itself, `through` the same with Tidegate in front. */
  readonly columns: readonly ColumnName[]
  readonly summary: { readonly [C in ColumnName]?: Tally }
  readonly checks: readonly CheckReport[]
}

export interface ReportTarget {
  /** Without a key; absent for an engine without an address. */
  readonly url?: string
  readonly model: string
  /** Its id in tidegate.yaml. */
  readonly engine?: string
  /** What Tidegate took it for. */
  readonly kind?: string
}

export type Tally = Readonly<Record<Verdict['verdict'], number>>

interface CheckReport {
  readonly id: string
  readonly area: string
  readonly title: string
  readonly contract: string
  readonly direct?: VerdictReport
  readonly through?: VerdictReport
}

interface VerdictReport {
  readonly verdict: Verdict['verdict']
  /** Absent for `kept`. */
  readonly reason?: string
  readonly ms: number
  readonly requests: number
}

export interface Findings extends Pick<Report, 'version' | 'target' | 'complete'> {
  readonly areas: readonly Area[]
  readonly startedAt: Date
  readonly endedAt: Date
  readonly columns: readonly (readonly [ColumnName, Column])[]
}

export function reportOf({ areas, columns, startedAt, endedAt, version, target, complete }: Findings): Report {
  const checks = areas.flatMap(({ name, checks }) =>
    checks.map(
      ({ id, title, contract }): CheckReport => ({
        id,
        area: name,
        title,
        contract,
        ...Object.fromEntries(columns.map(([column, { results }]) => [column, verdictIn(results.get(id))])),
      }),
    ),
  )
  return {
    format: 1,
    version,
    startedAt: startedAt.toISOString(),
    durationMs: endedAt.getTime() - startedAt.getTime(),
    complete,
    target,
    columns: columns.map(([name]) => name),
    summary: Object.fromEntries(columns.map(([name]) => [name, tallyOf(checks, name)])),
    checks,
  }
}

const verdictIn = (result: ReturnType<Column['results']['get']>): VerdictReport | undefined =>
  result && { ...result.verdict, ms: result.ms, requests: result.requests }

function tallyOf(checks: readonly CheckReport[], column: ColumnName): Tally {
  const tally = { kept: 0, broken: 0, 'cannot-tell': 0, 'not-offered': 0 }
  for (const check of checks) {
    const found = check[column]
    if (found) tally[found.verdict]++
  }
  return tally
}
