import type { ApiKey } from '../../../server/src/http/admin/contract.ts'

export type Limits = ApiKey['limits']

/** The limits as texts of a form; empty: not limited. */
export interface LimitsForm {
  readonly concurrency: string
  readonly userConcurrency: string
  readonly requestsPerMinute: string
  readonly tokensPerMinute: string
  readonly budgetDay: string
  readonly budgetMonth: string
  readonly budgetTotal: string
}

const counts = ['concurrency', 'userConcurrency', 'requestsPerMinute', 'tokensPerMinute'] as const
const budgets = { budgetDay: 'day', budgetMonth: 'month', budgetTotal: 'total' } as const

export const formOf = (limits: Limits): LimitsForm => ({
  concurrency: limits.concurrency?.toString() ?? '',
  userConcurrency: limits.userConcurrency?.toString() ?? '',
  requestsPerMinute: limits.requestsPerMinute?.toString() ?? '',
  tokensPerMinute: limits.tokensPerMinute?.toString() ?? '',
  budgetDay: limits.budget?.day ?? '',
  budgetMonth: limits.budget?.month ?? '',
  budgetTotal: limits.budget?.total ?? '',
})

/** What the API is sent. A text that is no number goes as it is: the API says what is wrong with it, and where. */
export function limitsOf(form: LimitsForm): Limits {
  const budget = Object.entries(budgets).flatMap(([field, name]) => {
    const text = form[field as keyof typeof budgets].trim().replace(',', '.')
    return text === '' ? [] : [[name, text]]
  })
  const numbers = counts.flatMap((name) => {
    const text = form[name].trim()
    return text === '' ? [] : [[name, Number.isNaN(Number(text)) ? text : Number(text)]]
  })
  return { ...Object.fromEntries(numbers), ...(budget.length > 0 && { budget: Object.fromEntries(budget) }) }
}

/** The field of the form that the API's `param` speaks of. */
export function fieldOf(param: string | null): keyof LimitsForm | undefined {
  const path = param?.replace(/^limits\./, '') ?? ''
  const budget = Object.entries(budgets).find(([, name]) => path === `budget.${name}`)?.[0]
  return counts.find((name) => name === path) ?? (budget as keyof LimitsForm | undefined)
}
