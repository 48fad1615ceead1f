import type { KeptAuditLine } from '../../../tenancy/people/audit-trail.ts'
import type { Reads } from '../../reads.ts'
import type { AuditLine } from '../contract.ts'
import { cursorIn, pageOf } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { msOf, timeOf } from '../wire.ts'

export const auditHandlers = (reads: Pick<Reads, 'ask'>): HandlersOf<'GET /admin/audit'> => ({
  async 'GET /admin/audit'({ query: { actor, operation, from, to, cursor, limit }, scope }) {
    const before = cursorIn(cursor, ['number', 'string'])
    const lines = await reads.ask('auditLines', {
      tenant: scope,
      actor,
      operation,
      from: msOf(from),
      to: msOf(to),
      before: before && { at: before[0], id: before[1] },
      limit: limit + 1,
    })
    return pageOf(lines, limit, wireLine, ({ at, id }) => [at, id])
  },
})

const wireLine = ({ at, ...line }: KeptAuditLine): AuditLine => ({ ...line, at: timeOf(at) })
