/** How a request can end, as the log says it. */

/** Finish reasons. */
export const finishes = ['stop', 'length', 'tool_calls'] as const

/** Codes of failures that a request with a key may meet, by their names in the API. */
export const failureCodes = [
  'invalid_request_error',
  'unsupported_parameter',
  'context_length_exceeded',
  'insufficient_balance',
  'permission_denied',
  'model_not_found',
  'request_timeout',
  'idempotency_conflict',
  'request_too_large',
  'unsupported_media_type',
  'rate_limit_exceeded',
  'invalid_model_output',
  'server_error',
  'service_unavailable',
] as const

export type OutcomeFilter = 'all' | 'ok' | 'failed' | 'left' | (typeof finishes)[number] | (typeof failureCodes)[number]

export const outcomeFilters: readonly OutcomeFilter[] = ['all', 'ok', 'failed', 'left', ...failureCodes, ...finishes]

export const outcomeFilterOf = (text: string | undefined): OutcomeFilter =>
  outcomeFilters.find((one) => one === text) ?? 'all'

/** What the log is asked for. Who hung up has not met a failure that anybody must mend. */
export function outcomeQuery(filter: OutcomeFilter): {
  readonly failed?: boolean
  readonly hungUp?: boolean
  readonly outcome?: string
} {
  if (filter === 'all') return {}
  if (filter === 'ok') return { failed: false }
  if (filter === 'failed') return { failed: true, hungUp: false }
  if (filter === 'left') return { hungUp: true }
  return { outcome: filter }
}
