/** Days and months as the world counts them. Times are milliseconds since 1970. */

export const dayMs = 24 * 60 * 60_000

export const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs

export function monthOf(at: number): number {
  const time = new Date(at)
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth())
}

export function monthAfter(at: number): number {
  const time = new Date(at)
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1)
}
