/** What is asked: prompts that any model can follow, tools and schemas that no model keeps to by chance. */

export const user = (content: string) => [{ role: 'user', content }]

export const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', maxLength: 40 },
        unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

export const strictTool = {
  type: 'function',
  function: {
    name: 'book_table',
    description: 'Book a table in a restaurant',
    strict: true,
    parameters: {
      type: 'object',
      properties: {
        guests: { type: 'integer', minimum: 1, maximum: 9 },
        area: { type: 'string', enum: ['garden', 'window', 'bar'] },
      },
      required: ['guests', 'area'],
      additionalProperties: false,
    },
  },
}

export const named = (name: string) => ({ type: 'function', function: { name } })

/** A call that was made and answered; the reasoning before it is left out unless it is given. */
export const afterCall = (more: object = {}, answer: string | object[] = '{"celsius":7}') => [
  { role: 'user', content: 'What is the weather in Oslo?' },
  { role: 'assistant', content: null, tool_calls: [callOf('call_1', '{"city":"Oslo"}')], ...more },
  { role: 'tool', tool_call_id: 'call_1', content: answer },
]

export const callOf = (id: string | undefined, args: unknown) => ({
  ...(id !== undefined && { id }),
  type: 'function',
  function: { name: 'get_weather', arguments: args },
})

/** Prose never fits it. */
export const oddSchema = {
  type: 'object',
  properties: {
    colour: { type: 'string', enum: ['teal', 'amber', 'plum'] },
    count: { type: 'integer', minimum: 0, maximum: 99 },
    tags: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, minItems: 1, maxItems: 2 },
  },
  required: ['colour', 'count', 'tags'],
  additionalProperties: false,
}

export const jsonSchema = (schema: object, strict = true) => ({
  type: 'json_schema',
  json_schema: { name: 'odd', strict, schema },
})
