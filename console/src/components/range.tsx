import { useMemo } from 'react'
import { daysBack } from '../lib/time.ts'
import { useMessages } from '../messages/messages.ts'
import { Select } from './field.tsx'

export const ranges = { day: 1, week: 6, month: 29, quarter: 89, year: 364 } as const
export type Range = keyof typeof ranges

export const rangeOf = (text: string | undefined, otherwise: Range): Range =>
  text !== undefined && text in ranges ? (text as Range) : otherwise

/** Where a time begins. It stays as it is while the page is open: a question that changes every moment is never answered from memory. */
export const useFrom = (range: Range): string =>
  useMemo(
    () =>
      range === 'day'
        ? new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 23 * 3_600_000).toISOString()
        : daysBack(ranges[range], Date.now()),
    [range],
  )

export function RangeSelect({ value, onChange }: { readonly value: Range; readonly onChange: (range: Range) => void }) {
  const t = useMessages()
  return (
    <Select
      label={t.usage.range}
      value={value}
      options={(Object.keys(ranges) as Range[]).map((range) => ({ value: range, label: t.usage.ranges[range] }))}
      onChange={onChange}
    />
  )
}
