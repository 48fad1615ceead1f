type Value = string | number | boolean | null

/** A line of a table, as RFC 4180 writes it. A value that a spreadsheet would take for a formula is made text. */
export const csvLine = (values: readonly Value[]): string => values.map(field).join(',')

function field(value: Value): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+@\t\r]|^-\D/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
