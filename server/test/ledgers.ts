/** For tests: ledgers as several processes have them over one place. */
import { onTestFinished } from 'vitest'
import { type Ledger, openLedger } from '../src/ledger/ledger.ts'
import type { Place, Storage } from '../src/storage/storage.ts'
import { temporaryStorage } from './stores.ts'

export interface Opened {
  readonly place: Place
  readonly storage: Storage
  readonly ledger: Ledger
  another(): Promise<Ledger>
}

/** The price `p`: one micro-unit a prompt token, two an output token, half a one where it was cached. */
export async function opened(): Promise<Opened> {
  const { place, open } = await temporaryStorage()
  const storage = await open()
  const another = async () => {
    const ledger = await openLedger(place)
    onTestFinished(() => ledger.close())
    return ledger
  }
  await storage.db
    .insertInto('prices')
    .values({ id: 'p', model: 'm', currency: 'USD', valid_from: 0, input: 1e6, cached_input: 5e5, output: 2e6 })
    .execute()
  return { place, storage, ledger: await another(), another }
}
