/** Who changed what in the console, or with an admin key: one line each, never a password, a key or a prompt. */
import type { Selectable } from 'kysely'
import { hexId } from '../../lib/ids.ts'
import type { Schema } from '../../storage/schema.ts'
import type { Storage } from '../../storage/storage.ts'

export interface AuditLine {
  readonly actor: {
    readonly kind: 'person' | 'key' | 'nobody' | 'server'
    readonly id: string | null
    readonly name: string
  }
  readonly operation: string
  readonly tenant: string | null
  readonly subject: string | null
  readonly outcome: 'done' | 'refused'
  readonly detail: Readonly<Record<string, unknown>>
  readonly address: string | null
}

export interface KeptAuditLine extends AuditLine {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface AuditQuestion {
  readonly tenant?: string | undefined
  /** An id or a name. */
  readonly actor?: string | undefined
  readonly operation?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Only what stands behind this line. */
  readonly before?: { readonly at: number; readonly id: string } | undefined
  readonly limit: number
}

export interface AuditTrail {
  add(line: AuditLine): Promise<void>
  /** Newest first. */
  list(question: AuditQuestion): Promise<readonly KeptAuditLine[]>
}

/** @param now milliseconds since 1970 */
export function openAuditTrail({ db, read }: Pick<Storage, 'db' | 'read'>, now: () => number = Date.now): AuditTrail {
  return {
    async add({ actor, detail, ...line }) {
      await db
        .insertInto('audit_trail')
        .values({
          id: hexId('audit_', 16),
          at: now(),
          actor_kind: actor.kind,
          actor: actor.id,
          actor_name: actor.name,
          detail: JSON.stringify(detail),
          ...line,
        })
        .execute()
    },

    async list({ tenant, actor, operation, from, to, before, limit }) {
      let query = read.selectFrom('audit_trail').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
      if (tenant !== undefined) query = query.where('tenant', '=', tenant)
      if (actor !== undefined)
        query = query.where((eb) => eb.or([eb('actor', '=', actor), eb('actor_name', '=', actor)]))
      if (operation !== undefined) query = query.where('operation', '=', operation)
      if (from !== undefined) query = query.where('at', '>=', from)
      if (to !== undefined) query = query.where('at', '<', to)
      if (before)
        query = query.where((eb) =>
          eb.or([eb('at', '<', before.at), eb.and([eb('at', '=', before.at), eb('id', '<', before.id)])]),
        )
      return (await query.execute()).map(lineOf)
    },
  }
}

const lineOf = (row: Selectable<Schema['audit_trail']>): KeptAuditLine => ({
  id: row.id,
  at: Number(row.at),
  actor: { kind: row.actor_kind as AuditLine['actor']['kind'], id: row.actor, name: row.actor_name },
  operation: row.operation,
  tenant: row.tenant,
  subject: row.subject,
  outcome: row.outcome as AuditLine['outcome'],
  detail: JSON.parse(row.detail) as Record<string, unknown>,
  address: row.address,
})
