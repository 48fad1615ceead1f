import type { HedgeRule } from '../engines/catalog.ts'

/** So many times to the first word are remembered, and so few say nothing yet. */
const samplesMax = 200
const samplesMin = 20
/** The slow end is looked for again after so many. */
const samplesBetween = 10
/** Nobody hedges for less. */
const dueMsMin = 10
/** What was not used up of the share is kept for so many hedges. */
const savedMax = 10

interface ModelState {
  readonly samples: number[]
  next: number
  p95: number | undefined
  /** Hedges that are allowed now. */
  allowed: number
}

/** Knows of each model when a second attempt is due, and how many there may be: no more than their share of all requests. */
export function startHedging() {
  const models = new Map<string, ModelState>()
  const stateOf = (model: string): ModelState => {
    const known = models.get(model) ?? { samples: [], next: 0, p95: undefined, allowed: 0 }
    models.set(model, known)
    return known
  }
  return {
    /** A request begins. @returns after how many milliseconds without a word a second attempt is due; undefined: never */
    dueMs(model: string, { afterMs, shareMax }: HedgeRule): number | undefined {
      const state = stateOf(model)
      state.allowed = Math.min(savedMax, state.allowed + shareMax)
      if (afterMs !== 'p95') return afterMs
      return state.p95 === undefined ? undefined : Math.max(dueMsMin, state.p95)
    },
    mayHedge: (model: string): boolean => stateOf(model).allowed >= 1,
    hedged(model: string): void {
      stateOf(model).allowed--
    },
    /** @param ms from the beginning of an attempt to its first word, or to when it was outrun */
    measured(model: string, ms: number): void {
      const state = stateOf(model)
      const { samples } = state
      samples[state.next % samplesMax] = ms
      state.next++
      if (samples.length < samplesMin || (state.p95 !== undefined && state.next % samplesBetween > 0)) return
      state.p95 = samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * 0.95) - 1]
    },
  }
}
