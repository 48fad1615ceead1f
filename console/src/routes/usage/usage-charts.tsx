import { Link, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { UsageSeries } from '../../../../server/src/http/admin/contract.ts'
import { Button, buttonClass } from '../../components/button.tsx'
import { Chart, type ChartLine } from '../../components/chart.tsx'
import { Panel } from '../../components/panel.tsx'
import { useFormat } from '../../lib/format.ts'
import { useProjectName } from '../../lib/projects.ts'
import type { Messages } from '../../messages/en.ts'
import { useMessages } from '../../messages/messages.ts'
import { linesByCode } from './lines-by-code.ts'
import type { UsageAnswer } from './usage.tsx'
import { UsageTable } from './usage-table.tsx'

interface Props {
  readonly usage: UsageAnswer
  readonly step: 'hour' | 'day' | 'month'
  readonly grouped: boolean
  readonly nameOfKey: (id: string) => string
}

export interface UsageChart {
  readonly id: 'tokens' | 'requests' | 'cost' | 'errors' | 'firstToken'
  readonly title: string
  readonly kind: 'bars' | 'lines'
  readonly lines: readonly ChartLine[]
  readonly format: (value: number) => string
}

export function UsageCharts({ usage, step, grouped, nameOfKey }: Props) {
  const t = useMessages()
  const charts = useCharts(usage, grouped, nameOfKey)
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      {charts.map((chart) => (
        <ChartPanel key={chart.id} chart={chart} times={usage.times} step={step} wide={chart.id === 'tokens'} t={t} />
      ))}
    </div>
  )
}

interface PanelProps extends Pick<Props, 'step'> {
  readonly chart: UsageChart
  readonly times: readonly string[]
  readonly wide: boolean
  readonly t: Messages
}

function ChartPanel({ chart, times, step, wide, t }: PanelProps) {
  const [asTable, setAsTable] = useState(false)
  return (
    <Panel
      title={chart.title}
      className={wide ? 'xl:col-span-2' : ''}
      actions={
        <>
          {chart.id === 'errors' && <FailedRequests />}
          <Button look="quiet" small aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? t.usage.asChart : t.usage.asTable}
          </Button>
        </>
      }
    >
      {asTable ? (
        <UsageTable chart={chart} times={times} step={step} />
      ) : (
        <Chart {...chart} times={times} step={step} height={wide ? 240 : 190} />
      )}
    </Panel>
  )
}

/** The requests behind the errors, as they are chosen here. */
function FailedRequests() {
  const t = useMessages()
  const { tenant, model, key, user } = useSearch({ from: '/inside/usage' })
  const chosen = { ...(tenant && { tenant }), ...(model && { model }), ...(key && { key }), ...(user && { user }) }
  return (
    <Link to="/requests" search={{ ...chosen, outcome: 'failed' }} className={buttonClass('quiet', true)}>
      {t.usage.seeErrors}
    </Link>
  )
}

function useCharts(
  { series, currency }: UsageAnswer,
  grouped: boolean,
  nameOfKey: Props['nameOfKey'],
): readonly UsageChart[] {
  const t = useMessages()
  const { rough, count, roughMoney, ms } = useFormat()
  const projectName = useProjectName()
  return useMemo(() => {
    const labels = series.map((one) => labelOf(one, t, { ofProject: projectName, ofKey: nameOfKey }))
    /** @param title of a chart of all together, which is its only line */
    const each = (
      title: string,
      pick: (one: UsageSeries) => readonly (number | null)[],
      colour = 1,
    ): readonly ChartLine[] =>
      series.map((one, at) =>
        grouped
          ? { label: labels[at] ?? '', values: pick(one), colour: one.rest ? 8 : (at % 7) + 1 }
          : { label: title, values: pick(one), colour },
      )
    const [all] = series
    const tokens: readonly ChartLine[] =
      grouped || !all
        ? each(t.usage.tokensTitle, (one) => one.input.map((input, at) => input + (one.output[at] ?? 0)))
        : [
            { label: t.usage.cachedInput, values: all.cachedInput, colour: 8 },
            { label: t.usage.freshInput, values: less(all.input, all.cachedInput), colour: 1 },
            { label: t.usage.reasoning, values: all.reasoning, colour: 3 },
            { label: t.usage.answerOutput, values: less(all.output, all.reasoning), colour: 2 },
          ]
    const firstToken: readonly ChartLine[] =
      grouped || !all
        ? each(t.usage.firstTokenTitle, (one) => one.firstTokenP50)
        : [
            { label: t.usage.median, values: all.firstTokenP50, colour: 1 },
            { label: t.usage.p95, values: all.firstTokenP95, colour: 3 },
          ]
    return [
      { id: 'tokens', title: t.usage.tokensTitle, kind: 'bars', lines: tokens, format: rough },
      {
        id: 'requests',
        title: t.usage.requestsTitle,
        kind: 'bars',
        lines: each(t.usage.requestsTitle, (one) => one.requests),
        format: count,
      },
      {
        id: 'cost',
        title: t.usage.costTitle,
        kind: 'bars',
        lines: each(t.usage.costTitle, (one) => one.cost.map(Number)),
        format: (value) => roughMoney(value, currency),
      },
      {
        id: 'errors',
        title: t.usage.errorsTitle,
        kind: 'bars',
        lines: grouped || !all ? each(t.usage.errorsTitle, (one) => one.errors, 7) : linesByCode(all, t.usage),
        format: count,
      },
      { id: 'firstToken', title: t.usage.firstTokenTitle, kind: 'lines', lines: firstToken, format: ms },
    ]
  }, [series, currency, grouped, nameOfKey, t, projectName, rough, count, roughMoney, ms])
}

const less = (from: readonly number[], what: readonly number[]): number[] =>
  from.map((value, at) => value - (what[at] ?? 0))

interface Names {
  readonly ofProject: (id: string) => string
  readonly ofKey: (id: string) => string
}

function labelOf({ group, rest }: UsageSeries, t: Messages, names: Names): string {
  if (rest) return t.usage.rest
  if (group.user === null) return t.usage.noUser
  if (group.project === null) return t.usage.noProject
  if (group.project !== undefined) return names.ofProject(group.project)
  if (group.key !== undefined) return names.ofKey(group.key)
  return group.model ?? group.user ?? group.tenant ?? ''
}
