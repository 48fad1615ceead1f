/** Charges for the requests of a seeded log, by the rows and the hashes that the service writes; its orders are left out, which take a minute and more. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ChargeSum, sumsOf, together } from '../server/src/ledger/charge-sums.ts'
import { type Changes, noChanges, nothingLoaded } from '../server/src/ledger/draft.ts'
import { type Entry, genesis, hashOf } from '../server/src/ledger/entry.ts'
import type { Account } from '../server/src/ledger/rows.ts'
import { sqliteRows } from '../server/src/ledger/sqlite-rows.ts'
import type { LogEntry } from '../server/src/request-log/entry.ts'

export interface SeededLedger {
  charge(entries: readonly LogEntry[]): void
  close(): void
}

/** @param data of a database that was opened once */
export function seedLedger(data: string): SeededLedger {
  const database = new DatabaseSync(join(data, 'tidegate.db'))
  // Nothing that is lost with the power.
  database.exec('pragma synchronous = off; pragma wal_autocheckpoint = 4000')
  const rows = sqliteRows(database)
  const makeTenant = database.prepare(
    'insert into tenants (id, name, created_at) values (?, ?, ?) on conflict do nothing',
  )
  const sums = new Map<string, ChargeSum>()
  const loaded = nothingLoaded(new Map())
  const accountOf = (tenant: string) => {
    if (!loaded.accounts.has(tenant)) rows.load('accounts', tenant, loaded)
    return loaded.accounts.get(tenant) as Account
  }

  const chargeOne = (
    { accounts, entries }: Changes,
    { id, at, tenant, project, key, userId, model, usage, cost, durationMs, outcome }: LogEntry,
  ) => {
    makeTenant.run(tenant, tenant, at)
    const account = accountOf(tenant)
    const { balance, currency, lastSeq, head } = account
    const entry: Entry = {
      tenant,
      seq: lastSeq + 1,
      at: at + durationMs,
      began: at,
      kind: 'usage',
      amount: -cost,
      balance: balance - cost,
      currency,
      request: id,
      project,
      key,
      user: userId,
      model,
      price: null,
      usage,
      note: outcome,
    }
    const hash = hashOf(entry, head ?? genesis)
    entries.push({ entry, hash })
    const changed = { ...account, balance: entry.balance, lastSeq: entry.seq, head: hash }
    loaded.accounts.set(tenant, changed)
    accounts.set(tenant, changed)
    for (const sum of sumsOf(entry)) {
      const name = JSON.stringify([sum.tenant, sum.step, sum.start, sum.model, sum.key, sum.user])
      const before = sums.get(name)
      sums.set(name, before ? together(before, sum) : sum)
    }
  }

  return {
    charge(entries) {
      const changes = noChanges()
      database.exec('begin immediate')
      // What failed was not charged.
      for (const entry of entries) if (!entry.failed) chargeOne(changes, entry)
      rows.write(changes)
      database.exec('commit')
    },
    close() {
      database.exec('begin immediate')
      rows.write({ ...noChanges(), sums })
      database.exec('commit')
      database.close()
    },
  }
}
