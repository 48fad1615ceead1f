import { type PartStep, untilEnding } from './part.ts'

/** A loop repeats up to so many characters. */
const PERIOD_MAX = 200
/** It must have gone on for so many characters, and for so many rounds: a list or a line of dashes is no loop. */
const LENGTH_MIN = 400
const ROUNDS_MIN = 7
/** So often is looked for one. */
const CHECK_EVERY = 64

/**
 * Reasoning that repeats itself and would do so up to the limit is given up, so that it can be ended for the model and an answer
 * follows (contract VL14). `last`: no other run will follow, so that it is let go on.
 */
export function guardLoop({ last }: { readonly last: boolean }): PartStep {
  let tail = ''
  let unchecked = 0
  return untilEnding((part) => {
    if (last || part.type !== 'reasoning') return [part]
    const { text, from } = part.passage
    tail = (tail + text).slice(-(PERIOD_MAX * (ROUNDS_MIN + 1)))
    unchecked += text.length
    if (unchecked < CHECK_EVERY) return [part]
    unchecked = 0
    return isLoop(tail) ? [part, { type: 'again', keep: from + text.length }] : [part]
  })
}

/** @returns whether the text ends in rounds of one and the same piece */
export function isLoop(text: string): boolean {
  for (let period = 1; period <= PERIOD_MAX; period++) {
    const length = Math.max(LENGTH_MIN, period * ROUNDS_MIN)
    if (text.length < length + period) return false
    if (text.endsWith(text.slice(-length - period, -period))) return true
  }
  return false
}
