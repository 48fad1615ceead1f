/** The log of requests. */
import type { Accounts } from '../../../ledger/accounts.ts'
import type { Mark, RequestFilters } from '../../../request-log/requests.ts'
import type { Reads } from '../../reads.ts'
import { requestColumns } from '../answers/requests.ts'
import type { QueryOutput } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { sendFile, tableHead } from '../file.ts'
import { cursorIn } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { msOf } from '../wire.ts'
import { currencyOf } from './usage.ts'

export interface RequestParts {
  readonly reads: Pick<Reads, 'ask'>
  readonly accounts: Pick<Accounts, 'balanceOf'>
  /** How long prompts and answers are kept; undefined: they are not. */
  readonly recordedMs: number | undefined
}

export const requestHandlers = ({
  reads,
  accounts,
  recordedMs,
}: RequestParts): HandlersOf<'GET /admin/requests' | 'GET /admin/requests/export' | 'GET /admin/requests/{id}'> => ({
  async 'GET /admin/requests'({ scope, query }) {
    const before = markOf(cursorIn(query.cursor, ['number', 'string']))
    const after = markOf(cursorIn(query.after, ['number', 'string'], 'after'))
    const currency = await currencyOf(accounts)
    return reads.ask('requests', { filters: filtersOf(query, scope), before, after, limit: query.limit, currency })
  },

  async 'GET /admin/requests/export'({ scope, query, exchange }) {
    const currency = await currencyOf(accounts)
    const { format } = query
    const filters = filtersOf(query, scope)
    async function* pieces() {
      yield tableHead(format, requestColumns)
      for (let after: Mark | undefined; ; ) {
        const { text, last } = await reads.ask('requestTable', { filters, after, currency, format })
        yield text
        after = last
        if (!after) return
      }
    }
    await sendFile(exchange, format, 'requests', pieces())
  },

  async 'GET /admin/requests/{id}'({ scope, params: { id } }) {
    const currency = await currencyOf(accounts)
    const found = await reads.ask('request', { id, tenant: scope, currency, recordedMs })
    if (found) return found
    throw new AdminError('not-found', `There is no request '${id}', or not yet: it is written when it ended.`)
  },
})

const markOf = (cursor: readonly [seq: number, id: string] | undefined): Mark | undefined =>
  cursor && { seq: cursor[0], id: cursor[1] }

const filtersOf = (
  query: QueryOutput<'GET /admin/requests'> | QueryOutput<'GET /admin/requests/export'>,
  tenant: string | undefined,
): RequestFilters => {
  const { project, model, key, user, engine, outcome, failed, hungUp, streamed, search, slowerThanMs } = query
  const [from, to] = [msOf(query.from), msOf(query.to)]
  return {
    tenant,
    project,
    model,
    key,
    user,
    from,
    to,
    engine,
    outcome,
    failed,
    hungUp,
    streamed,
    search,
    slowerThanMs,
  }
}
