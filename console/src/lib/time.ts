/** Moments are shown in the zone of whoever looks; days of usage are UTC, as the ledger counts them. */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

export const moment = (at: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(new Date(at))

export const clock = (at: string, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    new Date(at),
  )

export const day = (at: string | Date, language: string, timeZone?: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', ...(timeZone && { timeZone }) }).format(new Date(at))

/** With how many of them are said at most: 60 minutes are an hour. */
const units = [
  ['day', dayMs, 30],
  ['hour', hourMs, 23],
  ['minute', minuteMs, 59],
] as const

/** `3 minutes ago`, `in 2 days`; what is more than 30 days away is a date. */
export function ago(at: string, now: number, language: string, justNow: string): string {
  const distance = new Date(at).getTime() - now
  const size = Math.abs(distance)
  if (size < minuteMs) return justNow
  if (size > 30 * dayMs) return day(at, language)
  const [unit, unitMs, most] = units.find(([, ms]) => size >= ms) ?? units[2]
  const amount = Math.min(most, Math.round(size / unitMs))
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.sign(distance) * amount, unit)
}

/** The first moment of the UTC day that is so many days before this one. */
export function daysBack(days: number, now: number): string {
  return new Date(Math.floor(now / dayMs) * dayMs - days * dayMs).toISOString()
}
