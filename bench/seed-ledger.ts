/** Charges for the requests of a seeded log, by the rows and the hashes that the service writes; its orders are left out, which take a minute and more. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ChargeSum, sumsOf, together } from '../server/src/ledger/charge-sums.ts'
import { type Entry, genesis, hashOf } from '../server/src/ledger/entry.ts'
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

  const chargeOne = ({ id, at, tenant, project, key, userId, model, usage, cost, durationMs, outcome }: LogEntry) => {
    makeTenant.run(tenant, tenant, at)
    const { balance, currency, lastSeq, head } = rows.account(tenant)
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
    rows.addEntry(entry, hash)
    rows.changeAccount(tenant, { balance: entry.balance, lastSeq: entry.seq, head: hash })
    for (const sum of sumsOf(entry)) {
      const name = JSON.stringify([sum.tenant, sum.step, sum.start, sum.model, sum.key, sum.user])
      const before = sums.get(name)
      sums.set(name, before ? together(before, sum) : sum)
    }
  }

  return {
    charge(entries) {
      database.exec('begin immediate')
      // What failed was not charged.
      for (const entry of entries) if (!entry.failed) chargeOne(entry)
      database.exec('commit')
    },
    close() {
      database.exec('begin immediate')
      for (const sum of sums.values()) rows.addToSum(sum)
      database.exec('commit')
      database.close()
    },
  }
}
