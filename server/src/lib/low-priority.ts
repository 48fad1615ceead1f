import { getPriority, setPriority } from 'node:os'

/** So much less than the rest of the process: about a tenth of a core, where there is not enough for both. */
const nicer = 10

/** Of the thread that calls it, where the system knows of such a thing: it gets what the other threads leave. */
export function yieldToOthers(): void {
  // Elsewhere it would be the priority of the whole process.
  if (process.platform !== 'linux') return
  try {
    setPriority(Math.min(19, getPriority() + nicer))
  } catch {
    // Then it is as important as the others.
  }
}
