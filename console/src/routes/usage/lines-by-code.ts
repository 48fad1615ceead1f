import type { UsageSeries } from '../../../../server/src/http/admin/contract.ts'
import type { ChartLine } from '../../components/chart.tsx'

/** As many codes as can be told apart by their colours. */
const codesMax = 6

/** Errors by code, the most frequent first; what has no code of its own here, or was counted before codes were, is one line more. */
export function linesByCode(
  { errors, errorCodes }: Pick<UsageSeries, 'errors' | 'errorCodes'>,
  words: { readonly errorsTitle: string; readonly rest: string },
): readonly ChartLine[] {
  const codes = Object.entries(errorCodes)
    .toSorted(([, a], [, b]) => sum(b) - sum(a))
    .slice(0, codesMax)
  const rest = errors.map((count, at) => count - codes.reduce((known, [, values]) => known + (values[at] ?? 0), 0))
  const lines: ChartLine[] = codes.map(([label, values], at) => ({ label, values, colour: codeColours[at] ?? 8 }))
  if (sum(rest) > 0 || lines.length === 0)
    lines.push({
      label: lines.length === 0 ? words.errorsTitle : words.rest,
      values: rest,
      colour: lines.length === 0 ? 7 : 8,
    })
  return lines
}

/** Red first: a chart of one code looks like one of errors. */
const codeColours = [7, 3, 5, 1, 4, 6] as const

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
