/** A pure, synchronous part of the way from raw text to an answer. The last event is its last chance to say what it held back. */
export type Step<In, Out> = (event: In) => readonly Out[]

/** Chains two steps; more are chained by nesting. A chain costs no async hop, however long. */
export const chain =
  <A, B, C>(first: Step<A, B>, second: Step<B, C>): Step<A, C> =>
  (event) =>
    passed(first(event), second)

/** @returns what the step makes of all these */
export function passed<In, Out>(events: readonly In[], step: Step<In, Out>): readonly Out[] {
  // Nearly always one word comes, and one goes on.
  return events.length === 1 ? step(events[0] as In) : events.flatMap(step)
}

/** @returns both in a row: nearly always the first is empty, and then the second itself */
export const joined = <Out>(first: readonly Out[], second: readonly Out[]): readonly Out[] =>
  first.length === 0 ? second : [...first, ...second]
