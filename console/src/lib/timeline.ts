import type { RequestDetail } from '../../../server/src/http/admin/contract.ts'

export interface Phase {
  /** `noToken`: it ended before there was one. */
  readonly name: 'waiting' | 'firstToken' | 'noToken' | 'answering'
  readonly fromMs: number
  readonly toMs: number
}

type Timed = Pick<RequestDetail, 'queuedMs' | 'firstTokenMs' | 'durationMs'>

/** A request's time, cut where something became of it. What is not known is left out; nothing overlaps. */
export function phasesOf({ queuedMs, firstTokenMs, durationMs }: Timed): readonly Phase[] {
  const first = Math.min(firstTokenMs ?? durationMs, durationMs)
  const queued = Math.min(queuedMs ?? 0, first)
  return (
    [
      { name: 'waiting', fromMs: 0, toMs: queued },
      { name: firstTokenMs === null ? 'noToken' : 'firstToken', fromMs: queued, toMs: first },
      { name: 'answering', fromMs: first, toMs: durationMs },
    ] as const
  ).filter(({ fromMs, toMs }) => toMs > fromMs)
}
