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
const encoded = '%[0-9a-fA-F]{2}'
const punctuation = "!$&'()*+,;=@._~"
/** Of a path, a query or a fragment, in which an IRI has letters of all scripts. */
const refChars = (letters: string) => `(?:[${letters}0-9${punctuation}:/?-]|${encoded})*`
/** A reference has a colon in its first segment only behind a scheme. */
const reference = (letters: string) =>
  `(?:[a-zA-Z][a-zA-Z0-9+.-]*:${refChars(letters)}|(?:[${letters}0-9${punctuation}-]|${encoded})*(?:[/?]${refChars(letters)})?)(?:#${refChars(letters)})?`
const everyLetter = 'a-zA-Z\\u00A0-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFEF'
const pointer = '(?:/(?:[^~/]|~[01])*)*'
const templateName = '[a-zA-Z0-9_]+(?:\\.[a-zA-Z0-9_]+)*(?:\\*|:[1-9][0-9]{0,3})?'
const uriChar = "(?:[a-zA-Z0-9._~:/?#@!$&'()*+,;=\\[\\]-]|%[0-9a-fA-F]{2})"

export const formatPatterns: ReadonlyMap<string, string> = new Map([
  ['date', `^${date}$`],
  ['time', `^${time}$`],
  ['date-time', `^${date}T${time}$`],
  ['duration', `^P(?:[0-9]+W|${period}(?:${clock})?|${clock})$`],
  ['email', `^[a-zA-Z0-9_%+-]+(?:\\.[a-zA-Z0-9_%+-]+)*@${domainLabel}(?:\\.${domainLabel})+$`],
  ['idn-email', `^[^\\s@"<>()\\[\\],;:\\\\]+@[^\\s@.]+(?:\\.[^\\s@.]+)+$`],
  ['hostname', `^${label}(?:\\.${label})*$`],
  ['ipv4', `^${ipv4}$`],
  ['ipv6', `^(?:${ipv6})$`],
  [
    'iri',
    `^[a-zA-Z][a-zA-Z0-9+.-]*:(?://\\[[0-9a-fA-F:.]+\\])?${refChars(everyLetter)}(?:#${refChars(everyLetter)})?$`,
  ],
  ['iri-reference', `^${reference(everyLetter)}$`],
  ['json-pointer', `^${pointer}$`],
  ['relative-json-pointer', `^(?:0|[1-9][0-9]*)(?:#|${pointer})$`],
  ['uri-reference', `^${reference('a-zA-Z')}$`],
  [
    'uri-template',
    `^(?:[a-zA-Z0-9${punctuation}:/?#\\[\\]-]|${encoded}|\\{[+#./;?&]?${templateName}(?:,${templateName})*\\})*$`,
  ],
  ['uri', `^[a-zA-Z][a-zA-Z0-9+.-]*:${uriChar}+$`],
  ['uuid', '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'],
])
