/** What was used lately, beside the things that used it. */

import type { UsedSums } from '../../ledger/entry-pages.ts'
import { decimalOf } from '../../ledger/money.ts'
import type { Reads } from '../reads.ts'
import type { Sums } from './contract.ts'

type Used = Pick<
  UsedSums,
  'requests' | 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'reasoningTokens' | 'cost'
>

const lately = 30 * 24 * 60 * 60_000

export const lateSince = (now: number): number => now - lately

/** @returns what each used lately, by its id; of those that used nothing: nothing. @param only one key, or one project */
export async function usedLately(
  reads: Pick<Reads, 'ask'>,
  by: 'tenant' | 'project' | 'key',
  tenant: string | undefined,
  only?: string,
): Promise<(id: string) => Sums> {
  const one = only === undefined ? {} : { [by]: only }
  const used = await reads.ask('usedBy', { by, tenant, ...one, from: lateSince(Date.now()) })
  const byId = new Map(used.map((sums) => [sums.group[by], sums]))
  return (id) => wireSums(byId.get(id))
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
