import type { Account, Rows } from './rows.ts'

/** Rows that are read once for as long as nobody else writes: every order asks for the same few. */
export interface RememberedRows extends Rows {
  /** Somebody else may have written, or something of what was written here was undone. */
  forget(): void
}

const countersMax = 10_000

/** @param rows to which every change goes at once */
export function rememberedRows(rows: Rows): RememberedRows {
  const accounts = new Map<string, Account>()
  /** Prices never change. */
  const rates = new Map<string, NonNullable<ReturnType<Rows['rates']>>>()
  /** Counters that are not there: of spans without a budget, which are most. */
  const absent = new Set<string>()
  const nameOf = (scope: string, window: string) => `${scope}\0${window}`

  const account = (tenant: string): Account => {
    const known = accounts.get(tenant) ?? rows.account(tenant)
    accounts.set(tenant, known)
    return known
  }
  const isAbsent = (scope: string, window: string): boolean => {
    const name = nameOf(scope, window)
    if (absent.has(name)) return true
    if (rows.counter(scope, window) !== undefined) return false
    if (absent.size >= countersMax) absent.clear()
    absent.add(name)
    return true
  }

  return {
    ...rows,
    account,
    changeAccount(tenant, change) {
      rows.changeAccount(tenant, change)
      accounts.set(tenant, { ...account(tenant), ...change })
    },
    rates(price) {
      const known = rates.get(price) ?? rows.rates(price)
      if (known) rates.set(price, known)
      return known
    },
    count(scope, window, amount) {
      absent.delete(nameOf(scope, window))
      rows.count(scope, window, amount)
    },
    countOn(scope, windows, amount) {
      const there = windows.filter((window) => !isAbsent(scope, window))
      if (there.length > 0) rows.countOn(scope, windows, amount)
    },
    forget() {
      accounts.clear()
      absent.clear()
    },
  }
}
