import { randomBytes } from 'node:crypto'

/** Asking the system costs much more than what it gives. */
const askedFor = 4_096
let random = Buffer.alloc(0)
let used = 0

/** @returns `prefix` and `digits` random hex digits; 24 of them carry 96 bits. `digits` must be even. */
export function hexId(prefix: string, digits: number): string {
  if (used + digits / 2 > random.length) {
    random = randomBytes(askedFor)
    used = 0
  }
  used += digits / 2
  return prefix + random.toString('hex', used - digits / 2, used)
}

/** Hex digits of the time in milliseconds, until the year 10889. */
const timeDigits = 12

/**
 * @returns `prefix` and 24 hex digits: when it was made, then 48 random bits. What is made together lies together in an index, so that
 * writing it down touches one page instead of one each.
 */
export const timedId = (prefix: string): string =>
  hexId(prefix + Date.now().toString(16).padStart(timeDigits, '0'), 24 - timeDigits)
