import { verifyLedger } from '../ledger/audit.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { Storage } from '../storage/storage.ts'

/** @returns how many entries a copied ledger has @throws OperatorError when it is not whole */
export async function wholeLedger(read: Storage['read']): Promise<number> {
  const { entries, problems } = await verifyLedger({ read })
  if (problems.length > 0) throw new OperatorError(`The ledger of the copy is not whole: ${problems[0]}.`)
  return entries
}
