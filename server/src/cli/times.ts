import { since } from '../http/admin/contract/operation.ts'
import { UsageError } from '../lib/flags.ts'
import { parseSpan } from './expiry.ts'

/**
 * @param flag such as `--from`
 * @param text a day or a time as the admin API takes them, or how long ago: `7d`, `12h`
 * @returns milliseconds since 1970  @throws UsageError
 */
export function timeIn(flag: string, text: string, now: number): number {
  const ago = parseSpan(text)
  if (ago !== undefined) return now - ago
  if (!since.safeParse(text).success)
    throw new UsageError(
      `${flag} must be a day or a time such as 2026-11-29 or 2026-11-29T12:00:00Z, or 7d, not '${text}'.`,
    )
  return Date.parse(text)
}
