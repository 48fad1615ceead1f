import { useMemo } from 'react'
import { type Column, Table } from '../../components/table.tsx'
import { useFormat } from '../../lib/format.ts'
import { useMessages } from '../../messages/messages.ts'
import type { UsageChart } from './usage-charts.tsx'

/** So many steps are shown, the latest first; the export has all of them. */
const rowsMax = 200

interface Props {
  readonly chart: UsageChart
  readonly times: readonly string[]
  readonly step: 'hour' | 'day' | 'month'
}

/** The numbers of a chart, for whoever cannot see it or wants them exactly. */
export function UsageTable({ chart, times, step }: Props) {
  const t = useMessages()
  const { day, moment } = useFormat()
  const rows = useMemo(
    () =>
      times
        .map((_, at) => at)
        .filter((at) => chart.lines.some(({ values }) => values[at]))
        .reverse()
        .slice(0, rowsMax),
    [times, chart],
  )
  const columns: readonly Column<number>[] = [
    {
      id: 'when',
      title: t.usage.when,
      cell: (at) => (step === 'hour' ? moment(times[at] ?? '') : day(times[at] ?? '', 'UTC')),
    },
    ...chart.lines.map(({ label, values }) => ({
      id: label,
      title: label,
      right: true,
      cell: (at: number) => (typeof values[at] === 'number' ? chart.format(values[at]) : '–'),
    })),
  ]
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div tabIndex={0} className="max-h-80 overflow-auto">
      <Table caption={chart.title} columns={columns} items={rows} keyOf={String} />
    </div>
  )
}
