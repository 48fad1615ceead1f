import type { Json, ResponseFormat, Schema } from '../dialect.ts'
import { smallSum } from './arithmetic.ts'
import { greeting, identity } from './chat.ts'
import { fact } from './facts.ts'
import { field, keyName, keyNames } from './fields.ts'
import { jsonText } from './json-text.ts'
import { attributes } from './people.ts'
import type { Draw } from './random.ts'
import { capitalized, fullName } from './text.ts'
import type { Turn } from './turn.ts'
import { unknown } from './unknown.ts'

/** A response format and requests that fit it, as many as wanted. Without a format each request names its keys itself. */
export type JsonTask = { next: () => Turn; format?: ResponseFormat }
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

const jsonTurn = (user: string, value: { [key: string]: Json }): Turn => ({
  domain: 'JSON',
  user,
  answer: jsonText(value),
  think: 'The user wants JSON. I fill in the keys.',
})

const attributeCount = (draw: Draw): number =>
  draw.weighted([
    [4, 1],
    [4, 2],
    [2, 3],
  ])

/** A person described in a sentence or two. */
function described(draw: Draw, name: string, said: readonly string[]): string {
  if (draw.chance(0.7)) return `${name} ${joined(said)}.`
  return said.map((s) => `${name} ${s}.`).join(' ')
}

/** A person to be read out by a schema. */
function person(draw: Draw): JsonTask {
  const chosen = draw
    .shuffled(attributes)
    .slice(0, attributeCount(draw))
    .map((make) => ({ make, key: draw.pick(make(draw).keys), type: make(draw).type }))
  const name = { make: undefined, key: 'name', type: string }
  const order = draw.chance(0.25) ? draw.shuffled([name, ...chosen]) : [name, ...chosen]
  const next = () => {
    const who = fullName(draw)
    const drawn = new Map(chosen.map((one) => [one.key, one.make(draw)]))
    const text = described(
      draw,
      who,
      [...drawn.values()].map(({ said }) => draw.pick(said)),
    )
    const user = draw.way(
      (text) => [
        text,
        `Extract the data: ${text}`,
        `Extract the information from this text: ${text}`,
        `Read this: ${text}`,
        `${text} Fill in the fields.`,
        `Fill in the data of this text: ${text}`,
        `Extract the person: ${text}`,
        `Parse: ${text}`,
        `Give me the data of this text as JSON. ${text}`,
        `Put this into JSON: ${text}`,
        `Here is a note: ${text}`,
        `Read the note: ${text}`,
        `Turn this into JSON: ${text}`,
        `Structure this: ${text}`,
        `The note says: ${text}`,
        `Parse this text: ${text}`,
        text,
        text,
      ],
      text,
    )
    return jsonTurn(user, Object.fromEntries(order.map(({ key }) => [key, drawn.get(key)?.value ?? who])))
  }
  return { next, format: schemaFormat(draw, Object.fromEntries(order.map(({ key, type }) => [key, type]))) }
}

/** A person whose keys are named in the request. */
function personByKeys(draw: Draw): Turn {
  const who = fullName(draw)
  const chosen = draw
    .shuffled(attributes)
    .slice(0, attributeCount(draw))
    .map((make) => make(draw))
  const text = described(
    draw,
    who,
    chosen.map(({ said }) => draw.pick(said)),
  )
  const fields: [string, Json][] = [
    ['name', who],
    ...chosen.map(({ keys, value }): [string, Json] => [draw.pick(keys), value]),
  ]
  const keys = fields.map(([key]) => key)
  const listed = draw.chance(0.5) ? joined(keys) : joined(keys.map((key) => `"${key}"`))
  const user = draw.way(
    (listed, bare, text) => [
      `Extract ${listed} as JSON: ${text}`,
      `Give me JSON with ${listed}: ${text}`,
      `Return a JSON object with ${listed} for: ${text}`,
      `${text} Reply in JSON with the keys ${listed}.`,
      `Reply in JSON with ${listed}. ${text}`,
      `Give me a JSON object with ${listed} for: ${text}`,
      `Turn this into JSON with the keys ${listed}: ${text}`,
      `Read the text and answer as a JSON object with ${listed}. Text: ${text}`,
      `JSON with ${listed}, please: ${text}`,
      `Answer in JSON (${bare}): ${text}`,
      `From this text, extract ${listed} and return JSON: ${text}`,
      `Return ${listed} as JSON: ${text}`,
      `Make a JSON object with the keys ${listed}: ${text}`,
      `Answer in JSON with ${listed}. ${text}`,
      `Make a JSON object with ${listed} from this: ${text}`,
      `Make JSON with ${listed} from this text: ${text}`,
      `Extract ${listed} from this text as JSON: ${text}`,
      `${text}\n\nReturn ${listed} as JSON.`,
    ],
    listed,
    keys.join(', '),
    text,
  )
  return jsonTurn(user, Object.fromEntries(fields))
}

/** Keys and values that mean nothing together: they can only be copied. */
function record(draw: Draw): JsonTask {
  const fields = keyNames(draw, draw.int(1, 4)).map((key) => field(draw, key, true))
  const next = () => {
    const made = fields.map(({ key, make }) => ({ key, ...make() }))
    const between = draw.pick([' is ', ': ', ' = '])
    const text = made
      .map(({ key, shown }) => `${key}${between}${shown}`)
      .join(draw.pick([', ', ', ', ', ', '; ', '\n', ' and ']))
    const user = draw.way(
      (text) => [
        text,
        `${text}.`,
        `The ${text}.`,
        `Data: ${text}`,
        `Please fill this in: ${text}`,
        `The data: ${text}`,
        `Make a record: ${text}`,
        `Create the object with ${text}.`,
        `Fill the form with ${text}`,
        `Return JSON for: ${text}`,
        `Return the record: ${text}`,
        `Here is the data:\n${text}`,
        `Create the record with ${text}.`,
        `Use this: ${text}`,
        `Put this into JSON: ${text}`,
        text,
        `Fill the record with ${text}`,
      ],
      text,
    )
    return jsonTurn(user, Object.fromEntries(made.map(({ key, value }) => [key, value])))
  }
  return { next, format: schemaFormat(draw, Object.fromEntries(fields.map(({ key, schema }) => [key, schema]))) }
}

function recordByKeys(draw: Draw): Turn {
  const made = keyNames(draw, draw.int(1, 3)).map((key) => ({ key, ...field(draw, key, false).make() }))
  const between = draw.pick([' is ', ': ', ' = ', ' set to '])
  const text = made.map(({ key, shown }) => `${key}${between}${shown}`).join(draw.pick([', ', '; ', '\n', ' and ']))
  const user = draw.way(
    (text) => [
      `Give me JSON with ${text}.`,
      `JSON: ${text}`,
      `Output JSON with ${text}`,
      `Write this as JSON: ${text}`,
      `Make a JSON object: ${text}`,
      `Output this as JSON: ${text}`,
      `Convert to JSON: ${text}`,
      `Reply with a JSON object where ${text}`,
      `Return a JSON object with ${text}`,
      `To JSON: ${text}`,
      `I need this as JSON: ${text}`,
      `Make JSON with ${text}`,
      `Make a JSON object where ${text}`,
      `Answer with a JSON object: ${text}`,
      `Format as JSON: ${text}`,
      `Write a JSON object with ${text}`,
      `Give me a JSON object where ${text}.`,
      `Reply in JSON: ${text}`,
    ],
    text,
  )
  return jsonTurn(user, Object.fromEntries(made.map(({ key, value }) => [key, value])))
}

/** An ordinary question whose answer stands under one key. */
function question(draw: Draw): { turn: Turn; value: Json } {
  const turn = draw.weighted([
    [3, greeting],
    [3, fact],
    [3, identity],
    [3, unknown],
    [4, smallSum],
  ] as const)(draw)
  return { turn, value: turn.domain === 'arithmetic' ? Number(turn.answer.split('= ').at(-1)) : turn.answer }
}

function questions(draw: Draw): JsonTask {
  if (draw.chance(0.4)) {
    const next = () => {
      const { turn, value } = question(draw)
      return jsonTurn(turn.user, { answer: value })
    }
    return { next, format: { type: 'json_object' } }
  }
  const numeric = draw.chance(0.3)
  const key = numeric
    ? draw.pick(['result', 'sum', 'answer', 'value', 'number'])
    : draw.pick(['answer', 'text', 'reply', 'message', 'response', 'greeting'])
  const next = () => {
    for (;;) {
      const { turn, value } = question(draw)
      if (numeric === (typeof value === 'number')) return jsonTurn(turn.user, { [key]: value })
    }
  }
  return { next, format: schemaFormat(draw, { [key]: numeric ? integer : string }) }
}

function questionByKey(draw: Draw): Turn {
  const { turn, value } = question(draw)
  const q = turn.user
  if (draw.chance(0.5)) {
    const user = draw.way(
      (q) => [
        `${q} Answer in JSON.`,
        `${q} Reply in JSON.`,
        `Answer in JSON: ${q}`,
        `Reply in JSON: ${q}`,
        `${q} Please answer as JSON.`,
        `${q} Please reply in JSON.`,
        `${q} Answer as JSON.`,
      ],
      q,
    )
    return jsonTurn(user, { answer: value })
  }
  const key = draw.chance(0.3)
    ? 'answer'
    : draw.chance(0.5)
      ? draw.pick(['result', 'reply', 'text', 'value'])
      : keyName(draw)
  const user = draw.way(
    (q, key) => [
      `${q} Answer in JSON with the key ${key}.`,
      `Reply in JSON with "${key}": ${q}`,
      `${q} Answer as a JSON object with "${key}".`,
      `Answer in JSON, use the key "${key}". ${q}`,
      `${q} Return JSON like {"${key}": ...}.`,
      `${q} Reply in JSON with the key ${key}.`,
      `Answer in JSON with "${key}": ${q}`,
    ],
    q,
    key,
  )
  return jsonTurn(user, { [key]: value })
}

/** A request for JSON that works without a response format. */
export const jsonByKeys = (draw: Draw): Turn =>
  draw.weighted([
    [5, personByKeys],
    [5, recordByKeys],
    [5, questionByKey],
  ] as const)(draw)

export const json = (draw: Draw): JsonTask =>
  draw.weighted<() => JsonTask>([
    [5, () => person(draw)],
    [6, () => record(draw)],
    [4, () => questions(draw)],
    [
      5,
      () => ({ next: () => jsonByKeys(draw), ...(draw.chance(0.5) && { format: { type: 'json_object' as const } }) }),
    ],
  ])()
