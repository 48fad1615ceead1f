import type { Probe } from './probe.ts'

/** What can be said of one check on one server. The reason is for people: one line, without keys. */
export type Verdict =
  | { readonly verdict: 'kept' }
  | { readonly verdict: 'broken' | 'cannot-tell' | 'not-offered'; readonly reason: string }

/** One thing that the contract says and that can be judged from outside. */
export interface Check {
  /** Its row in the contract's table of checks (`T20`), or the clause it stands for (`C89`). Unique. */
  readonly id: string
  /** What holds, in words for people. */
  readonly title: string
  /** The clauses of the contract that say so. */
  readonly contract: string
  /** Asks what it must, and judges. @throws what `Probe` throws */
  readonly run: (probe: Probe) => Promise<Verdict>
}

/** Checks that stand together in a report. */
export interface Area {
  readonly name: string
  readonly checks: readonly Check[]
}

export const kept: Verdict = { verdict: 'kept' }
export const broken = (reason: string): Verdict => ({ verdict: 'broken', reason })
export const cannotTell = (reason: string): Verdict => ({ verdict: 'cannot-tell', reason })
export const notOffered = (reason: string): Verdict => ({ verdict: 'not-offered', reason })

const faultsShown = 3

/** Broken by the first few of these, or kept if there are none. */
export function judged(faults: readonly string[]): Verdict {
  if (faults.length === 0) return kept
  const more = faults.length - faultsShown
  return broken(faults.slice(0, faultsShown).join('; ') + (more > 0 ? `; and ${more} more` : ''))
}

const triesMax = 3

/** Models do not always play along: asks again, up to three times in all, while the verdict is `cannot-tell`. */
export async function tried(judge: (nth: number) => Promise<Verdict>): Promise<Verdict> {
  let verdict = await judge(0)
  for (let nth = 1; nth < triesMax && verdict.verdict === 'cannot-tell'; nth++) verdict = await judge(nth)
  return verdict
}
