/** The ledger, as it stands. */
import { columns, type EntryPlace, type Sealed } from '../../../ledger/audit.ts'
import { decimalOf } from '../../../ledger/money.ts'
import type { Reads } from '../../reads.ts'
import type { LedgerEntry } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { sendFile, tableHead } from '../file.ts'
import { cursorIn, pageOf } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { msOf, timeOf } from '../wire.ts'

export const ledgerHandlers = (
  reads: Pick<Reads, 'ask'>,
): HandlersOf<'GET /admin/ledger' | 'GET /admin/ledger/export' | 'POST /admin/ledger/verify'> => ({
  async 'GET /admin/ledger'({ scope, query: { kind, from, to, cursor, limit } }) {
    if (scope === undefined)
      throw new AdminError('invalid-request', "'tenant' is missing: whose ledger?", { param: 'tenant' })
    const [beforeSeq] = cursorIn(cursor, ['number']) ?? []
    const question = { tenant: scope, kind, from: msOf(from), to: msOf(to), beforeSeq, limit: limit + 1 }
    return pageOf(await reads.ask('entries', question), limit, wireEntry, ({ entry }) => [entry.seq])
  },

  async 'GET /admin/ledger/export'({ scope, query: { format }, exchange }) {
    async function* pieces() {
      yield tableHead(format, columns)
      for (let behind: EntryPlace | undefined; ; ) {
        const { text, last } = await reads.ask('ledgerTable', { tenant: scope, behind, format })
        yield text
        behind = last
        if (!behind) return
      }
    }
    await sendFile(exchange, format, 'ledger', pieces())
  },

  async 'POST /admin/ledger/verify'() {
    const { entries, tenants, problems } = await reads.ask('verifyLedger', undefined)
    return { entries, tenants, problems: [...problems] }
  },
})

const wireEntry = ({ entry, hash }: Sealed): LedgerEntry => ({
  tenant: entry.tenant,
  seq: entry.seq,
  at: timeOf(entry.at),
  kind: entry.kind,
  amount: decimalOf(entry.amount),
  balance: decimalOf(entry.balance),
  currency: entry.currency,
  requestId: entry.request,
  projectId: entry.project,
  keyId: entry.key,
  userId: entry.user,
  model: entry.model,
  tokens: entry.usage && {
    input: entry.usage.promptTokens,
    cachedInput: entry.usage.cachedTokens,
    output: entry.usage.completionTokens,
    reasoning: entry.usage.reasoningTokens,
  },
  estimated: entry.usage?.estimated ?? false,
  note: entry.note,
  hash: Buffer.from(hash).toString('hex'),
})
