import type {
  AdminError,
  AnswerOf,
  BodyOf,
  OperationName,
  ParamsOf,
  QueryOf,
} from '../../../server/src/http/admin/contract.ts'

/** How long an answer may take before the page says so and offers another try. */
const patienceMs = 15_000

/** What the admin API refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  /** The field that is wrong, e.g. `limits.budget.day`. */
  readonly param: string | null

  constructor(status: number, code: string, message: string, param: string | null = null) {
    super(message)
    this.status = status
    this.code = code
    this.param = param
  }
}

type Given<N extends OperationName> = ([ParamsOf<N>] extends [never] ? unknown : { readonly params: ParamsOf<N> }) &
  ([QueryOf<N>] extends [never] ? unknown : { readonly query?: QueryOf<N> }) &
  ([BodyOf<N>] extends [never] ? unknown : { readonly body: BodyOf<N> }) & { readonly signal?: AbortSignal }

interface Loose {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Does one operation of the admin API. @throws ApiError */
export async function call<N extends OperationName>(name: N, given: Given<N>): Promise<AnswerOf<N>> {
  const { signal, ...rest } = given as Loose
  const patience = AbortSignal.timeout(patienceMs)
  const response = await send(name, rest, signal ? AbortSignal.any([signal, patience]) : patience)
  if (!response.ok) throw await errorOf(response)
  return (response.status === 204 ? undefined : await response.json()) as AnswerOf<N>
}

/** The bare answer, for streams; the caller reads it, and gives up by `signal`. @throws ApiError when there is no answer at all */
export async function send(
  name: OperationName,
  { params, query, body }: Loose,
  signal: AbortSignal,
): Promise<Response> {
  const [method = 'GET'] = name.split(' ')
  try {
    return await fetch(urlOf(name, params, query), {
      method,
      signal,
      headers: {
        ...(method !== 'GET' && { 'x-tidegate-console': '1' }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch (error) {
    if (signal.aborted && signal.reason?.name === 'TimeoutError') throw new ApiError(0, 'timeout', '')
    if (signal.aborted) throw error
    throw new ApiError(0, 'unreachable', '')
  }
}

export function urlOf(name: OperationName, params: Loose['params'] = {}, query: Loose['query'] = {}): string {
  const [, path = ''] = name.split(' ')
  const filled = path.replace(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(params[param] ?? ''))
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => [key, Array.isArray(value) ? value.join(',') : String(value)])
  return pairs.length === 0 ? filled : `${filled}?${new URLSearchParams(pairs)}`
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response
  try {
    const { error } = (await response.json()) as AdminError
    return new ApiError(status, error.code, error.message, error.param)
  } catch {
    return new ApiError(status, 'unreadable', `HTTP ${status}`)
  }
}
