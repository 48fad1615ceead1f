/** Counts and durations as people read them. */

export const count = (value: number, language: string): string => new Intl.NumberFormat(language).format(value)

/** `950`, `1.2K`, `3.4M`. */
export const roughCount = (value: number, language: string): string =>
  new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value)

export const percent = (part: number, whole: number, language: string): string =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(whole === 0 ? 0 : part / whole)

/** `840ms`, `1.24s`, `12.4s`, `3m 20s`. */
export function duration(ms: number, language: string): string {
  const unit = (value: number, name: string, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value)
  if (ms < 1_000) return unit(Math.round(ms), 'millisecond', 0)
  if (ms < 59_950) return unit(ms / 1_000, 'second', ms < 9_995 ? 2 : 1)
  const seconds = Math.round(ms / 1_000)
  const minutes = unit(Math.floor(seconds / 60), 'minute', 0)
  return seconds % 60 === 0 ? minutes : `${minutes} ${unit(seconds % 60, 'second', 0)}`
}

export const speed = (tokensPerSecond: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: tokensPerSecond < 10 ? 1 : 0 }).format(tokensPerSecond)
