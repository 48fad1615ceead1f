/** The steps that make the tables, run once each in the order of their names. A step that was released is never changed. */
import type { CreateTableBuilder, Kysely } from 'kysely'
import { SqliteAdapter, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { dayMs, monthAfter, monthOf } from '../lib/utc.ts'

const keysAndUsers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('meta')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute()

    await db.schema
      .createTable('tenants')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()

    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('last_four', 'text', (column) => column.notNull())
      .addColumn('hash', 'blob', (column) => column.notNull().unique())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute()

    await db.schema
      .createTable('blocked_users')
      .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('blocked_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('blocked_users_pk', ['tenant', 'user_id'])
      .execute()

    await db.schema
      .createTable('kept_reasoning')
      .addColumn('lookup', 'blob', (column) => column.primaryKey().notNull())
      .addColumn('sealed', 'blob', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('kept_reasoning_by_age').on('kept_reasoning').column('created_at').execute()

    await sql`insert into tenants (id, name, created_at) values ('default', 'default', ${Date.now()})`.execute(db)
  },
}

const ledger: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('prices')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('valid_from', 'bigint', (column) => column.notNull())
      .addColumn('input', 'bigint', (column) => column.notNull())
      .addColumn('cached_input', 'bigint', (column) => column.notNull())
      .addColumn('output', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('prices_by_time', ['model', 'valid_from'])
      .execute()

    // What changes with each answer, one row a tenant.
    await db.schema
      .createTable('accounts')
      .addColumn('tenant', 'text', (column) => column.primaryKey().notNull().references('tenants.id'))
      .addColumn('prepaid', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('currency', 'text', (column) => column.notNull().defaultTo('USD'))
      .addColumn('balance', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('held', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('last_seq', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('head', 'blob')
      .addColumn('limits', 'text', (column) => column.notNull().defaultTo('{}'))
      .execute()

    await db.schema
      .createTable('counters')
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('window', 'text', (column) => column.notNull())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('counters_pk', ['scope', 'window'])
      .execute()

    await db.schema
      .createTable('holds')
      .addColumn('request', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().references('accounts.tenant'))
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('price', 'text')
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('prompt_tokens', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('cached_tokens', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('completion_tokens', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('reasoning_tokens', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.createIndex('holds_by_node').on('holds').column('node').execute()
    await db.schema.createIndex('holds_by_key').on('holds').columns(['key', 'user_id']).execute()
    await db.schema.createIndex('holds_by_tenant').on('holds').column('tenant').execute()

    // Answers to requests with an Idempotency-Key: `sealed` is null while one is being made.
    await db.schema
      .createTable('kept_answers')
      .addColumn('lookup', 'blob', (column) => column.primaryKey().notNull())
      .addColumn('body', 'blob', (column) => column.notNull())
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('sealed', 'blob')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('kept_answers_by_age').on('kept_answers').column('created_at').execute()

    await db.schema
      .createTable('ledger')
      .addColumn('tenant', 'text', (column) => column.notNull().references('accounts.tenant'))
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('began', 'bigint')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addColumn('balance', 'bigint', (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('request', 'text', (column) => column.unique())
      .addColumn('key', 'text')
      .addColumn('user_id', 'text')
      .addColumn('model', 'text')
      .addColumn('price', 'text')
      .addColumn('prompt_tokens', 'integer')
      .addColumn('cached_tokens', 'integer')
      .addColumn('completion_tokens', 'integer')
      .addColumn('reasoning_tokens', 'integer')
      .addColumn('estimated', 'integer')
      .addColumn('note', 'text', (column) => column.notNull())
      .addColumn('hash', 'blob', (column) => column.notNull())
      .addPrimaryKeyConstraint('ledger_pk', ['tenant', 'seq'])
      .execute()
    await db.schema.createIndex('ledger_by_time').on('ledger').columns(['tenant', 'at']).execute()
  },
}

/** The first answer of a key in a day or a month sums up what it spent before: not by reading all of its tenant's entries. */
const ledgerByKey: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('ledger_by_key').on('ledger').columns(['key', 'began']).execute()
  },
}

/** What all kept answers have in bytes is read from an index of some megabytes, and not from all of them. */
const keptAnswersBySize: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.dropIndex('kept_answers_by_age').execute()
    await sql`create index kept_answers_by_age on kept_answers (created_at, length(sealed))`.execute(db)
  },
}

/** The sum of the sizes is read off the index alone. */
const keptReasoningBySize: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.dropIndex('kept_reasoning_by_age').execute()
    await sql`create index kept_reasoning_by_age on kept_reasoning (created_at, length(sealed))`.execute(db)
  },
}

/** Who signs in to the console, what scripts use it with, and who changed what. */
const console: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('people')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('password', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.references('tenants.id'))
      .addColumn('disabled', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_sign_in_at', 'bigint')
      .execute()

    await db.schema
      .createTable('sessions')
      .addColumn('hash', 'text', (column) => column.primaryKey().notNull())
      .addColumn('person', 'text', (column) => column.notNull().references('people.id'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_used_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('sessions_by_person').on('sessions').column('person').execute()

    // Tries to sign in that did not end well (yet), by the name and by the address.
    await db.schema
      .createTable('sign_in_tries')
      .addColumn('subject', 'text', (column) => column.primaryKey().notNull())
      .addColumn('count', 'integer', (column) => column.notNull())
      .addColumn('last_at', 'bigint', (column) => column.notNull())
      .execute()

    await db.schema
      .createTable('admin_keys')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.references('tenants.id'))
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('last_four', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute()

    await db.schema
      .createTable('audit_trail')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('actor_kind', 'text', (column) => column.notNull())
      .addColumn('actor', 'text')
      .addColumn('actor_name', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text')
      .addColumn('subject', 'text')
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('address', 'text')
      .execute()
    await db.schema.createIndex('audit_trail_by_time').on('audit_trail').columns(['at', 'id']).execute()

    await db.schema
      .createTable('check_reports')
      .addColumn('engine', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('report', 'text', (column) => column.notNull())
      .execute()
  },
}

/** Who is alive among the processes of several machines, which have no file system in common. */
const nodes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('nodes')
      .addColumn('node', 'text', (column) => column.primaryKey().notNull())
      .addColumn('beat', 'bigint', (column) => column.notNull())
      .execute()
  },
}

/** What sums of usage are told apart by. */
const usageOf = <Table extends string>(table: CreateTableBuilder<Table>) =>
  table
    .addColumn('step', 'text', (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())

const requestLog: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('requests')
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('asked', 'text', (column) => column.notNull())
      .addColumn('engine', 'text')
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('failed', 'integer', (column) => column.notNull())
      .addColumn('streamed', 'integer', (column) => column.notNull())
      .addColumn('thinking', 'integer', (column) => column.notNull())
      .addColumn('prompt_tokens', 'integer', (column) => column.notNull())
      .addColumn('cached_tokens', 'integer', (column) => column.notNull())
      .addColumn('completion_tokens', 'integer', (column) => column.notNull())
      .addColumn('reasoning_tokens', 'integer', (column) => column.notNull())
      .addColumn('estimated', 'integer', (column) => column.notNull())
      .addColumn('cost', 'bigint', (column) => column.notNull())
      .addColumn('queued_ms', 'integer')
      .addColumn('first_token_ms', 'integer')
      .addColumn('duration_ms', 'integer', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('requests_by_seq').on('requests').column('seq').execute()
    await db.schema.createIndex('requests_by_tenant').on('requests').columns(['tenant', 'seq']).execute()
    await db.schema.createIndex('requests_by_key').on('requests').columns(['key', 'seq']).execute()

    await db.schema
      .createTable('recordings')
      .addColumn('request', 'text', (column) => column.primaryKey().notNull())
      .addColumn('sealed', 'blob', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('recordings_by_age').on('recordings').column('created_at').execute()

    const dimensions = ['step', 'start', 'tenant', 'model', 'key', 'user_id'] as const
    await usageOf(db.schema.createTable('usage_sums'))
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('errors', 'bigint', (column) => column.notNull())
      .addColumn('prompt_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('completion_tokens', 'bigint', (column) => column.notNull())
      .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost', 'bigint', (column) => column.notNull())
      .addColumn('generating_ms', 'bigint', (column) => column.notNull())
      .addColumn('generated_tokens', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_sums_pk', [...dimensions])
      .execute()
    await usageOf(db.schema.createTable('first_tokens'))
      .addColumn('bucket', 'integer', (column) => column.notNull())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('first_tokens_pk', [...dimensions, 'bucket'])
      .execute()
  },
}

/** Keys of a tenant that are counted together. What never had a project takes no place in the new indexes. */
const projects: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('projects')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('limits', 'text', (column) => column.notNull().defaultTo('{}'))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('archived_at', 'bigint')
      .addUniqueConstraint('projects_by_name', ['tenant', 'name'])
      .execute()
    await db.schema
      .alterTable('api_keys')
      .addColumn('project', 'text', (column) => column.references('projects.id'))
      .execute()
    for (const [table, time] of [
      ['holds', 'at'],
      ['ledger', 'began'],
      ['requests', 'seq'],
    ] as const) {
      await db.schema.alterTable(table).addColumn('project', 'text').execute()
      await sql`create index ${sql.ref(`${table}_by_project`)} on ${sql.table(table)} (project, ${sql.ref(time)})
        where project is not null`.execute(db)
    }
  },
}

/** Sums of what was charged, and what they come to of the entries that are there. */
const ledgerSums: Migration = {
  async up(db: Kysely<unknown>) {
    const dimensions = ['tenant', 'step', 'start', 'currency', 'model', 'key', 'user_id'] as const
    await db.schema
      .createTable('ledger_sums')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('step', 'text', (column) => column.notNull())
      .addColumn('start', 'bigint', (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('requests', 'bigint', (column) => column.notNull())
      .addColumn('prompt_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('completion_tokens', 'bigint', (column) => column.notNull())
      .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cost', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('ledger_sums_pk', [...dimensions])
      .execute()

    const sums = sql`count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(reasoning_tokens),
      -sum(amount) from ledger`
    const charges = sql`where kind in ('usage', 'recovered') group by 1, 2, 3, 4, 5, 6, 7`
    await sql`insert into ledger_sums select tenant, 'day', at / ${sql.lit(dayMs)} * ${sql.lit(dayMs)}, currency, model,
      key, '', ${sums} ${charges}`.execute(db)
    const { rows } = await sql<{ first: number | null; last: number }>`select min(at) as first, max(at) as last
      from ledger`.execute(db)
    const months = monthsOf(rows[0])
    if (months.length === 0) return
    const values = months.map((start) => sql`(${sql.lit(start)}, ${sql.lit(monthAfter(start))})`)
    await sql`with months (start, next) as (values ${sql.join(values)})
      insert into ledger_sums select tenant, 'month', start, currency, model, key, coalesce(user_id, ''), ${sums}
      join months on at >= start and at < next ${charges}`.execute(db)
  },
}

/** Where each month begins in which there may be entries. */
function monthsOf(span: { readonly first: number | null; readonly last: number } | undefined): readonly number[] {
  if (!span || span.first === null) return []
  const months = []
  for (let start = monthOf(Number(span.first)); start <= Number(span.last); start = monthAfter(start))
    months.push(start)
  return months
}

const reservedTokens: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('holds')
      .addColumn('tokens', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema
      .alterTable('holds')
      .addColumn('tokens_of', 'text', (column) => column.notNull().defaultTo(''))
      .execute()
  },
}

/** How many failed with which code, and the requests of one user by their number. */
const errorCodes: Migration = {
  async up(db: Kysely<unknown>) {
    await usageOf(db.schema.createTable('error_codes'))
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('error_codes_pk', ['step', 'start', 'tenant', 'model', 'key', 'user_id', 'code'])
      .execute()
    const hourMs = dayMs / 24
    for (const [step, length, user] of [
      ['hour', hourMs, sql`''`],
      ['day', dayMs, sql`''`],
      ['user-day', dayMs, sql`coalesce(user_id, '')`],
    ] as const)
      await sql`insert into error_codes select ${sql.lit(step)}, (at + duration_ms) / ${sql.lit(length)} * ${sql.lit(length)},
        tenant, model, key, ${user}, outcome, count(*) from requests where failed = 1
        group by 1, 2, 3, 4, 5, 6, 7`.execute(db)
    await sql`create index requests_by_user on requests (user_id, seq) where user_id is not null`.execute(db)
  },
}

/**
 * Holds come and go with every answer: in SQLite each index is one more page to write twice. The table is its own index by request, and
 * what a dead node held is looked for in all of it.
 */
const lighterHolds: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.dropIndex('holds_by_node').execute()
    if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
    await db.schema.alterTable('holds').renameTo('holds_before').execute()
    await db.schema
      .createTable('holds')
      .addColumn('request', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().references('accounts.tenant'))
      .addColumn('project', 'text')
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('price', 'text')
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .addColumn('tokens', 'integer', (column) => column.notNull())
      .addColumn('tokens_of', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('prompt_tokens', 'integer', (column) => column.notNull())
      .addColumn('cached_tokens', 'integer', (column) => column.notNull())
      .addColumn('completion_tokens', 'integer', (column) => column.notNull())
      .addColumn('reasoning_tokens', 'integer', (column) => column.notNull())
      .modifyEnd(sql`without rowid`)
      .execute()
    const columns = sql.raw(`request, tenant, project, key, user_id, model, price, amount, tokens, tokens_of, at, node,
      prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens`)
    await sql`insert into holds (${columns}) select ${columns} from holds_before`.execute(db)
    await db.schema.dropTable('holds_before').execute()
    await db.schema.createIndex('holds_by_key').on('holds').columns(['key', 'user_id']).execute()
    await db.schema.createIndex('holds_by_tenant').on('holds').column('tenant').execute()
    await sql`create index holds_by_project on holds (project, at) where project is not null`.execute(db)
  },
}

export const migrations: Record<string, Migration> = {
  '0001-keys-and-users': keysAndUsers,
  '0002-ledger': ledger,
  '0003-ledger-by-key': ledgerByKey,
  '0004-kept-answers-by-size': keptAnswersBySize,
  '0005-kept-reasoning-by-size': keptReasoningBySize,
  '0006-nodes': nodes,
  '0009-console': console,
  '0010-request-log': requestLog,
  '0011-projects': projects,
  '0012-ledger-sums': ledgerSums,
  '0013-reserved-tokens': reservedTokens,
  '0014-error-codes': errorCodes,
  '0015-lighter-holds': lighterHolds,
}
