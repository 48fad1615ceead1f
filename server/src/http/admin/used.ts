/** What was used lately, beside the things that used it. */

import { decimalOf } from '../../ledger/money.ts'
import type { UsedByUser } from '../../request-log/end-users.ts'
import type { Reads } from '../reads.ts'
import type { Sums } from './contract.ts'

type Used = Pick<
  UsedByUser,
  'requests' | 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'reasoningTokens' | 'cost'
>

const hourMs = 60 * 60_000
const lately = 30 * 24 * hourMs

/** Where an hour begins, which counts whole anyway: whoever asks within the same hour asks the same, and is answered once. */
export const lateSince = (now: number): number => now - lately - (now % hourMs)

/** @returns what each used lately, by its id; of those that used nothing: nothing */
export async function usedLately(
  reads: Pick<Reads, 'ask'>,
  by: 'tenant' | 'project' | 'key',
  tenant: string | undefined,
): Promise<(id: string) => Sums> {
  const used = await reads.ask('usedBy', { by, tenant, from: lateSince(Date.now()) })
  const byId = new Map(used.map((sums) => [sums.group[by], sums]))
  return (id) => wireSums(byId.get(id))
}

/** What one of them used up to now: whoever has just made or used it sees that. */
export async function usedLatelyBy(
  reads: Pick<Reads, 'ask'>,
  by: 'project' | 'key',
  tenant: string,
  id: string,
): Promise<Sums> {
  const [sums] = await reads.ask('usedBy', { by, tenant, [by]: id, from: Date.now() - lately })
  return wireSums(sums)
}

export const wireSums = (sums: Used | undefined): Sums => ({
  requests: sums?.requests ?? 0,
  tokens: {
    input: sums?.promptTokens ?? 0,
    cachedInput: sums?.cachedTokens ?? 0,
    output: sums?.completionTokens ?? 0,
    reasoning: sums?.reasoningTokens ?? 0,
  },
  cost: decimalOf(sums?.cost ?? 0n),
})
