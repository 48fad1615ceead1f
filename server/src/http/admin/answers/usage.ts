/** Usage as it goes out, written down where it is read: charts of a hundred thousand points, and files. */
import type { Kysely } from 'kysely'
import { decimalOf } from '../../../ledger/money.ts'
import {
  type Step,
  timesOf,
  type UsageDimension,
  type UsageFilters,
  type UsageLine,
  type UsageSeries,
  type UsageSums,
  usageSeries,
  usageTable,
} from '../../../request-log/usage.ts'
import type { Schema } from '../../../storage/schema.ts'
import { encoded } from '../../answer.ts'
import type { AnswerOf, UsageSeries as WireSeries } from '../contract.ts'
import { type FileFormat, tableText } from '../file.ts'
import { timeOf } from '../wire.ts'

interface UsageQuestion extends UsageFilters {
  readonly step: Step
  readonly by: readonly UsageDimension[]
  readonly currency: string
}

export const usageAnswers = (read: Kysely<Schema>) => ({
  async usage({ from, to = Date.now(), currency, ...question }: Open<UsageQuestion> & { readonly top: number }) {
    const filters = { ...question, from, to }
    return encoded<AnswerOf<'GET /admin/usage'>>({
      from: timeOf(from),
      to: timeOf(to),
      currency,
      times: timesOf(question.step, from, to).map(timeOf),
      series: (await usageSeries(read, filters)).map(wireSeries),
    })
  },

  async usageTable({ step, by, currency, format, ...filters }: UsageQuestion & { readonly format: FileFormat }) {
    const rows = usageRowsOf(await usageTable(read, filters, step, by), currency)
    return new TextEncoder().encode(tableText(format, columnsOf(by), rows))
  },
})

/** Until now, where it does not say until when: then those who ask the same ask the same. */
type Open<Question extends UsageFilters> = Omit<Question, 'to'> & { readonly to: number | undefined }

const measures = [
  'requests',
  'errors',
  'input',
  'cached_input',
  'output',
  'reasoning',
  'cost',
  'currency',
  'first_token_p50_ms',
  'first_token_p95_ms',
] as const
type Column = (typeof measures)[number] | UsageDimension | 'time'
type Row = Readonly<Record<Column, string | number | null>>

/** The rows of a file; what is not told apart is absent. */
export const usageRowsOf = (lines: readonly UsageLine[], currency: string): readonly Row[] =>
  lines.map(({ start, group, ...sums }) => ({ time: timeOf(start), ...group, ...measured(sums), currency }) as Row)

export const columnsOf = (by: readonly UsageDimension[]): readonly Column[] => ['time', ...by, ...measures]

const measured = (sums: UsageSums) => ({
  requests: sums.requests,
  errors: sums.errors,
  input: sums.promptTokens,
  cached_input: sums.cachedTokens,
  output: sums.completionTokens,
  reasoning: sums.reasoningTokens,
  cost: decimalOf(sums.cost),
  first_token_p50_ms: sums.firstTokenP50,
  first_token_p95_ms: sums.firstTokenP95,
})

function wireSeries({ group, rest, points, total }: UsageSeries): WireSeries {
  const each = <T>(of: (sums: UsageSums) => T) => points.map(of)
  return {
    group: group as WireSeries['group'],
    rest,
    requests: each((one) => one.requests),
    errors: each((one) => one.errors),
    errorCodes: Object.fromEntries(
      Object.keys(total.errorCodes).map((code) => [code, each((one) => one.errorCodes[code] ?? 0)]),
    ),
    input: each((one) => one.promptTokens),
    cachedInput: each((one) => one.cachedTokens),
    output: each((one) => one.completionTokens),
    reasoning: each((one) => one.reasoningTokens),
    cost: each((one) => decimalOf(one.cost)),
    firstTokenP50: each((one) => one.firstTokenP50),
    firstTokenP95: each((one) => one.firstTokenP95),
    total: {
      requests: total.requests,
      errors: total.errors,
      errorCodes: total.errorCodes,
      tokens: {
        input: total.promptTokens,
        cachedInput: total.cachedTokens,
        output: total.completionTokens,
        reasoning: total.reasoningTokens,
      },
      cost: decimalOf(total.cost),
      firstTokenP50: total.firstTokenP50,
      firstTokenP95: total.firstTokenP95,
    },
  }
}
