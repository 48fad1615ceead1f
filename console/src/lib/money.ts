/** Money comes as decimal text with six places. It is never made a double: cents must not drift. */

const micro = 1_000_000n

/** @returns millionths, or undefined for what is no amount */
export function microOf(amount: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(amount)
  if (!match) return undefined
  const [, sign, whole = '0', fraction = ''] = match
  const value = BigInt(whole) * micro + BigInt(fraction.padEnd(6, '0'))
  return sign ? -value : value
}

/** e.g. `$1,234.50`, `-US$0.001230`: two decimals where they say all, else all six, so that points stand below one another. */
export const money = (amount: string, currency: string, language: string): string =>
  exactly(amount, currency, language, /0000$/)

/** What a million tokens cost: `$0.14`, `$0.0028`. */
export const rate = (amount: string, currency: string, language: string): string =>
  exactly(amount, currency, language, /0{1,4}$/)

/** @param needless what is left out of the six decimals */
function exactly(amount: string, currency: string, language: string, needless: RegExp): string {
  const value = microOf(amount)
  if (value === undefined) return amount
  const absolute = value < 0n ? -value : value
  const fraction = (absolute % micro).toString().padStart(6, '0').replace(needless, '')
  const parts = formatOf(currency, language).formatToParts(absolute / micro)
  const text = parts.map(({ type, value }) => (type === 'fraction' ? fraction : value)).join('')
  return value < 0n ? `−${text}` : text
}

/** The same in few characters, for axes and tiles: `$0.0012`, `$12.35`, `$1.2K`. Rounded. */
export function roughMoney(amount: string | number, currency: string, language: string): string {
  const value = Number(amount)
  const size = Math.abs(value)
  // Two digits of what is less than a cent, down to the millionths that money is counted in.
  const digits = size === 0 || size >= 0.01 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(size)))
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    ...(size >= 10_000 && { notation: 'compact' }),
    minimumFractionDigits: size >= 10_000 ? 0 : digits,
    maximumFractionDigits: digits,
  }).format(value)
}

const formats = new Map<string, Intl.NumberFormat>()

function formatOf(currency: string, language: string): Intl.NumberFormat {
  const key = `${currency} ${language}`
  const format =
    formats.get(key) ??
    new Intl.NumberFormat(language, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: 2,
    })
  formats.set(key, format)
  return format
}
