import { UsageError } from '../lib/flags.ts'

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * @param text a date with or without a time (`2027-01-31`, `2027-01-31T12:00Z`), or a time from now (`30d`, `12h`, `2w`, `90m`)
 * @throws UsageError when it is neither, or lies in the past
 */
export function parseExpiry(text: string, now: Date): Date {
  const span = parseSpan(text)
  const date = span === undefined ? parseDate(text) : new Date(now.getTime() + span)
  if (!date)
    throw new UsageError(`--expires must be a date such as 2027-01-31, or a time from now such as 30d, not '${text}'.`)
  if (date <= now) throw new UsageError(`--expires ${text} lies in the past.`)
  return date
}

/** @returns the milliseconds of `30d`, `12h`, `2w` or `90m`; undefined for anything else */
export function parseSpan(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (unitMs[unit] ?? 0)
}

/** ISO only: what else `Date` would take depends on the machine. */
function parseDate(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return undefined
  const date = new Date(text)
  const real =
    !Number.isNaN(date.getTime()) && new Date(`${text.slice(0, 10)}T00:00Z`).toISOString().startsWith(text.slice(0, 10))
  return real ? date : undefined
}
