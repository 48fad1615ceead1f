import { bodyB } from '../client.ts'

/** What clients ask for while engines are killed: greedy answers, whose undisturbed runs are known. */
export const kinds = ['thinking', 'tools', 'JSON Schema', 'long text'] as const
export type Kind = (typeof kinds)[number]

const objects = ['river', 'cloud', 'stone', 'lemon', 'tiger', 'candle', 'mirror', 'ladder']
const cities = ['Oslo', 'Paris', 'Berlin', 'Madrid', 'Rome', 'London', 'Tokyo', 'Lima']
const said = (content: string) => [{ role: 'user', content }]
const off = { thinking: { type: 'disabled' } }

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

/** @param variant any whole number; there are eight */
export function errandOf(kind: Kind, variant: number): Readonly<Record<string, unknown>> {
  const word = objects[variant % objects.length] ?? ''
  const other = objects[(variant + 3) % objects.length] ?? ''
  const rest = { temperature: 0, stream: true, user_id: `${kind.replace(' ', '-')}-${variant}` }
  switch (kind) {
    case 'thinking':
      return bodyB({ ...rest, messages: said(`What is ${variant + 12} plus ${variant + 29}?`), max_tokens: 160 })
    case 'tools':
      return bodyB({
        ...rest,
        messages: said(`What is the weather in ${cities[variant % cities.length]}?`),
        tools: [weather],
        max_tokens: 160,
      })
    case 'JSON Schema':
      return bodyB({
        ...rest,
        ...off,
        messages: said(`A JSON object about the ${word}.`),
        response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: named(word, other) } },
        max_tokens: 400,
      })
    case 'long text':
      return bodyB({
        ...rest,
        ...off,
        // It ends by itself: where an answer is cut at its limit, one that went on over a chat API has an estimated one.
        messages: said(`Count from ${variant + 1} to ${variant + 37}.`),
        max_tokens: 160,
      })
  }
}

/** Long enough to be broken in the middle of anything. */
const named = (word: string, other: string) => ({
  type: 'object',
  properties: {
    name: { type: 'string', enum: [word, other] },
    parts: {
      type: 'array',
      items: {
        type: 'object',
        properties: { part: { type: 'string', enum: [`${word} top`, `${other} side`] }, wide: { type: 'boolean' } },
        required: ['part', 'wide'],
        additionalProperties: false,
      },
      minItems: 4,
      maxItems: 4,
    },
  },
  required: ['name', 'parts'],
  additionalProperties: false,
})
