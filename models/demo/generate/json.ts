import type { Json, ResponseFormat, Schema } from '../dialect.ts'
import { arithmetic } from './arithmetic.ts'
import { greeting, identity } from './chat.ts'
import { fact } from './facts.ts'
import { field, keyNames } from './fields.ts'
import { jsonText } from './json-text.ts'
import { attributes } from './people.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, fullName, personName, word } from './text.ts'
import type { Turn } from './turn.ts'
import { unknown } from './unknown.ts'

export type JsonTurn = { turn: Turn; format?: ResponseFormat }
const string: Schema = { type: 'string' }
const integer: Schema = { type: 'integer' }

const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

function schemaFormat(draw: Draw, properties: { [key: string]: Schema }): ResponseFormat {
  const described = Object.entries(properties).map(([key, schema]) =>
    draw.chance(0.2)
      ? [key, { ...schema, description: `${capitalized(key.replaceAll('_', ' '))} of the record` }]
      : [key, schema],
  )
  const schema: Schema = {
    type: 'object',
    properties: Object.fromEntries(described),
    required: Object.keys(properties),
  }
  if (draw.chance(0.6)) schema.additionalProperties = false
  return {
    type: 'json_schema',
    json_schema: { name: draw.pick(['person', 'record', 'answer', 'result', 'data']), schema },
  }
}

const free = (draw: Draw): ResponseFormat | undefined => (draw.chance(0.5) ? { type: 'json_object' } : undefined)

/** A person described in a sentence or two, to be read out. */
function extraction(draw: Draw): JsonTurn {
  const name = fullName(draw)
  const chosen = draw
    .shuffled(attributes)
    .slice(
      0,
      draw.weighted([
        [4, 1],
        [4, 2],
        [2, 3],
      ]),
    )
    .map((make) => make(draw))
  const said = chosen.map((attribute) => draw.pick(attribute.said))
  const text = draw.chance(0.7)
    ? `${name} ${joined(said)}.`
    : `${name} ${said[0]}. ${said
        .slice(1)
        .map((s) => `${name} ${s}.`)
        .join(' ')}`.trim()
  const fields: [string, Json, Schema][] = [
    ['name', name, string],
    ...chosen.map((attribute): [string, Json, Schema] => [draw.pick(attribute.keys), attribute.value, attribute.type]),
  ]
  const wanted = draw.chance(0.25) ? draw.shuffled(fields) : fields
  const answer = jsonText(Object.fromEntries(wanted.map(([key, value]) => [key, value])))
  const think = `${wanted.map(([key, value]) => `${key} is ${value}`).join(', ')}.`
  const keys = wanted.map(([key]) => key)
  if (draw.chance(0.5)) {
    const user = draw.from([
      text,
      `Extract the data: ${text}`,
      `Extract the information from this text: ${text}`,
      `Read this: ${text}`,
      `${text} Fill in the fields.`,
      `Turn this into JSON: ${text}`,
      `Extract the person: ${text}`,
      `Parse: ${text}`,
      `Give me the data of this text as JSON. ${text}`,
      `Put this into JSON: ${text}`,
      `Here is a note: ${text}`,
      `Structure this: ${text}`,
    ])
    return {
      turn: { domain: 'JSON', user, answer, think },
      format: schemaFormat(draw, Object.fromEntries(wanted.map(([key, , schema]) => [key, schema]))),
    }
  }
  const listed = draw.chance(0.5) ? joined(keys) : joined(keys.map((key) => `"${key}"`))
  const user = draw.from([
    `Extract ${listed} as JSON: ${text}`,
    `Give me JSON with ${listed}: ${text}`,
    `Return a JSON object with ${listed} for: ${text}`,
    `${text} Reply in JSON with the keys ${listed}.`,
    `Reply in JSON with ${listed}. ${text}`,
    `Turn this into JSON with the keys ${listed}: ${text}`,
    `Read the text and answer as a JSON object with ${listed}. Text: ${text}`,
    `JSON with ${listed}, please: ${text}`,
    `Answer in JSON (${keys.join(', ')}): ${text}`,
    `From this text, extract ${listed} and return JSON: ${text}`,
    `Make a JSON object with ${listed} from this: ${text}`,
    `${text}\n\nReturn ${listed} as JSON.`,
  ])
  const format = free(draw)
  return { turn: { domain: 'JSON', user, answer, think }, ...(format && { format }) }
}

/** Keys and values that mean nothing together: they can only be copied. */
function keyValue(draw: Draw): JsonTurn {
  const fields = keyNames(draw, draw.int(1, 4)).map((key) => field(draw, key))
  const spoken = draw.chance(0.4)
  const between = draw.pick([' is ', ': ', ' = ', ' '])
  const parts = fields.map(({ key, shown }) => `${spoken ? key.replaceAll('_', ' ') : key}${between}${shown}`)
  const object = Object.fromEntries(fields.map(({ key, value }) => [key, value]))
  const turn = (user: string): Turn => ({
    domain: 'JSON',
    user,
    answer: jsonText(object),
    think: `${fields.map(({ key, shown }) => `${key} is ${shown}`).join(', ')}.`,
  })
  const text = parts.join(draw.pick([', ', '; ', '\n', ' and ']))
  if (draw.chance(0.6))
    return {
      turn: turn(
        draw.from([
          text,
          `${text}.`,
          `The ${text}.`,
          `Data: ${text}`,
          `Please fill this in: ${text}`,
          `Make a record: ${text}`,
          `Create the object with ${text}.`,
          `${capitalized(text)}`,
          `Fill the form with ${text}`,
          `Return JSON for: ${text}`,
          `Here is the data:\n${text}`,
          `Use these values: ${text}`,
        ]),
      ),
      format: schemaFormat(draw, Object.fromEntries(fields.map(({ key, schema }) => [key, schema]))),
    }
  const literal = fields.map(
    ({ key, value }) => `${key}${between}${Array.isArray(value) ? value.join(draw.pick([' and '])) : String(value)}`,
  )
  const simple = fields.every(({ value }) => !Array.isArray(value))
  if (!simple) return keyValue(draw)
  const t = literal.join(draw.pick([', ', '; ', '\n']))
  const format = free(draw)
  return {
    turn: turn(
      draw.from([
        `Give me JSON with ${t}.`,
        `JSON: ${t}`,
        `Output JSON with ${t}`,
        `Write this as JSON: ${t}`,
        `Make a JSON object: ${t}`,
        `Convert to JSON: ${t}`,
        `Reply with a JSON object where ${t}`,
        `Return a JSON object with ${t}`,
        `To JSON: ${t}`,
        `I need this as JSON: ${t}`,
        `Format as JSON: ${t}`,
        `Reply in JSON: ${t}`,
      ]),
    ),
    ...(format && { format }),
  }
}

function array(draw: Draw): JsonTurn {
  const values = draw.times(draw.int(2, 5), () => (draw.chance(0.8) ? word(draw) : personName(draw)))
  const key = draw.chance(0.5) ? draw.pick(['items', 'list', 'words', 'names', 'tags']) : `${draw.from(NOUNS)}s`
  const text = values.join(', ')
  const format = free(draw)
  return {
    turn: {
      domain: 'JSON',
      answer: jsonText({ [key]: values }),
      think: `${key} is a list with ${text}.`,
      user: draw.from([
        `Return JSON with the key ${key} and the list ${text}.`,
        `Give me a JSON object with "${key}": ${text}`,
        `Make a JSON object where ${key} is the list ${text}.`,
        `JSON list "${key}" of ${text}`,
        `Put ${text} into a JSON list called ${key}.`,
        `Write ${text} as a JSON array under "${key}".`,
        `Reply in JSON with the array ${key}: ${text}`,
      ]),
    },
    ...(format && { format }),
  }
}

/** An ordinary question in JSON mode: the answer stands under the one key that was asked for, or under "answer". */
function wrapped(draw: Draw): JsonTurn {
  const make = draw.weighted([
    [3, greeting],
    [3, fact],
    [3, identity],
    [3, unknown],
    [3, arithmetic],
  ] as const)
  let inner = make(draw)
  while (inner.worked !== undefined) inner = make(draw) // JSON has no room for steps
  const numeric = inner.domain === 'arithmetic'
  const value: Json = numeric ? Number(inner.answer.split('= ').at(-1)) : inner.answer
  const schema: Schema = numeric ? integer : string
  const asKey = (key: string) =>
    ({ domain: 'JSON', answer: jsonText({ [key]: value }), think: `${inner.think} I put it under ${key}.` }) as const
  if (draw.chance(0.5)) {
    const key = numeric
      ? draw.pick(['result', 'sum', 'answer', 'value', 'number'])
      : draw.pick(['answer', 'text', 'reply', 'message', 'response', 'greeting'])
    return { turn: { ...asKey(key), user: inner.user }, format: schemaFormat(draw, { [key]: schema }) }
  }
  if (draw.chance(0.5)) return { turn: { ...asKey('answer'), user: inner.user }, format: { type: 'json_object' } }
  const key = draw.chance(0.5) ? 'answer' : draw.pick(['result', 'reply', 'text', 'value'])
  const format = free(draw)
  const user =
    key === 'answer'
      ? draw.from([
          `${inner.user} Answer in JSON.`,
          `${inner.user} Reply in JSON.`,
          `Answer in JSON: ${inner.user}`,
          `Reply in JSON: ${inner.user}`,
          `${inner.user} Please answer as JSON.`,
          `${inner.user} Respond with JSON.`,
        ])
      : draw.from([
          `${inner.user} Answer in JSON with the key ${key}.`,
          `Reply in JSON with "${key}": ${inner.user}`,
          `${inner.user} Answer as a JSON object with "${key}".`,
          `Answer in JSON, use the key "${key}". ${inner.user}`,
          `${inner.user} Return JSON like {"${key}": ...}.`,
          `${inner.user} Give JSON with one key, ${key}.`,
        ])
  return { turn: { ...asKey(key), user }, ...(format && { format }) }
}

/** A record inside a record. */
function nested(draw: Draw): JsonTurn {
  const [outer = 'data', top = 'id'] = keyNames(draw, 2)
  const inner = keyNames(draw, draw.int(1, 2)).map((key) => field(draw, key))
  const first = field(draw, top)
  const object = { [top]: first.value, [outer]: Object.fromEntries(inner.map(({ key, value }) => [key, value])) }
  const innerSchema: Schema = {
    type: 'object',
    properties: Object.fromEntries(inner.map(({ key, schema }) => [key, schema])),
    required: inner.map(({ key }) => key),
  }
  const user = `${top} is ${first.shown}, ${inner.map(({ key, shown }) => `${outer} ${key} is ${shown}`).join(', ')}`
  return {
    turn: { domain: 'JSON', user, answer: jsonText(object), think: `${user}.` },
    format: schemaFormat(draw, { [top]: first.schema, [outer]: innerSchema }),
  }
}

export const json = (draw: Draw): JsonTurn =>
  draw.weighted([
    [5, extraction],
    [6, keyValue],
    [1, array],
    [4, wrapped],
    [1, nested],
  ] as const)(draw)
