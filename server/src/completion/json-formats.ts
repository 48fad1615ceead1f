/**
 * The string formats of JSON Schema that we hold an answer to, as patterns: one text for each, from which the validator and
 * the grammar are both made, so that they cannot disagree. Formats that are not here are annotations.
 */
const leapYear = '(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
const date =
  `(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)` +
  `|02-(?:0[1-9]|1[0-9]|2[0-8]))|${leapYear}-02-29)`
const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])'
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const ipv4 = `(?:${octet}\\.){3}${octet}`
const group = '[0-9a-fA-F]{1,4}'
const ipv6 = [
  `(?:${group}:){7}${group}`,
  `(?:${group}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((left) => `(?:${group}:){1,${left}}(?::${group}){1,${7 - left}}`),
  `:(?::${group}){1,7}`,
  '::',
  `(?:${group}:){6}${ipv4}`,
  `::(?:${group}:){0,5}${ipv4}`,
].join('|')
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
/** Without the limit of 63 characters, which costs a state for each of them. */
const domainLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const period = '(?:[0-9]+D|[0-9]+M(?:[0-9]+D)?|[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?)'
const clock = 'T(?:[0-9]+S|[0-9]+M(?:[0-9]+S)?|[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?)'
const uriChar = "(?:[a-zA-Z0-9._~:/?#@!$&'()*+,;=\\[\\]-]|%[0-9a-fA-F]{2})"

export const formatPatterns: ReadonlyMap<string, string> = new Map([
  ['date', `^${date}$`],
  ['time', `^${time}$`],
  ['date-time', `^${date}T${time}$`],
  ['duration', `^P(?:[0-9]+W|${period}(?:${clock})?|${clock})$`],
  ['email', `^[a-zA-Z0-9_%+-]+(?:\\.[a-zA-Z0-9_%+-]+)*@${domainLabel}(?:\\.${domainLabel})+$`],
  ['hostname', `^${label}(?:\\.${label})*$`],
  ['ipv4', `^${ipv4}$`],
  ['ipv6', `^(?:${ipv6})$`],
  ['uri', `^[a-zA-Z][a-zA-Z0-9+.-]*:${uriChar}+$`],
  ['uuid', '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'],
])
