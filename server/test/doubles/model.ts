/** What the model behind a double says: a sensible short answer to any request, without a word of how its engine writes it down. */

// biome-ignore lint/suspicious/noExplicitAny: requests of any server's API
export type Body = any

export interface Words {
  /** Token by token, as everything here. */
  readonly reasoning: readonly string[]
  readonly content: readonly string[]
  readonly calls: readonly { readonly name: string; readonly arguments: readonly string[] }[]
}

const thought = tokens('The user greets me, 你好 😀 in two lines.\nI greet back.')
const greeting = tokens('Hello! One, two, three: Grüße, 世界 😀.\n\nAnything else?')
const lookUp = tokens('A function knows this.')

/** Calls where it can, writes JSON where it is asked for some, greets otherwise. */
export function wordsFor(body: Body): Words {
  const tools: Body[] = body.tools ?? []
  const choice = body.tool_choice ?? 'auto'
  const answersResults = body.messages?.at(-1)?.role === 'tool'
  if (tools.length > 0 && choice !== 'none' && (!answersResults || choice !== 'auto')) {
    const named = tools.find((tool) => tool.function.name === choice.function?.name) ?? tools[0]
    const { name, parameters } = named.function
    return { reasoning: lookUp, content: [], calls: [{ name, arguments: tokens(jsonFor(parameters)) }] }
  }
  const schema = schemaIn(body)
  return { reasoning: thought, content: schema ? tokens(jsonFor(schema)) : greeting, calls: [] }
}

/** What is left of the words behind a last message that is to be gone on with; all of them where that never was their beginning. */
export function behindPrefix(words: Words, { messages, continue_final_message }: Body): Words {
  const last = messages?.at(-1)
  if (last?.role !== 'assistant' || !(last.prefix === true || continue_final_message === true)) return words
  return last.content
    ? { ...words, reasoning: [], content: behind(words.content, last.content) }
    : { ...words, reasoning: behind(words.reasoning, last.reasoning_content ?? last.reasoning ?? '') }
}

function behind(words: readonly string[], said: string): readonly string[] {
  if (!words.join('').startsWith(said)) return words
  let left = said.length
  return words.flatMap((word) => {
    const rest = word.slice(left)
    left = Math.max(0, left - word.length)
    return rest === '' ? [] : rest
  })
}

/** The schema that an answer must fit: in a field of the engine, or in words for an engine that takes no schema. */
function schemaIn(body: Body): Body | undefined {
  const format = body.response_format ?? {}
  const field = format.json_schema?.schema ?? format.schema ?? body.structured_outputs?.json ?? body.json_schema
  if (field) return field
  if (format.type !== 'json_object') return undefined
  for (const { content } of body.messages ?? [])
    for (const line of String(content).split('\n')) {
      const found = objectOf(line)
      if (found?.type || found?.properties) return found
    }
  return { properties: { answer: { const: 'Grüße 😀' } } }
}

function objectOf(line: string): Body | undefined {
  try {
    return line.startsWith('{') ? JSON.parse(line) : undefined
  } catch {
    return undefined
  }
}

const jsonFor = (schema: Body): string => JSON.stringify(sampleOf(schema ?? {}, schema ?? {}))

/** A value that fits the schema, as long as it asks for nothing unusual. */
function sampleOf(schema: Body, root: Body): unknown {
  if (schema.$ref)
    return sampleOf(
      schema.$ref
        .split('/')
        .slice(1)
        .reduce((at: Body, key: string) => at[key], root),
      root,
    )
  if ('const' in schema) return schema.const
  if (schema.enum) return schema.enum[0]
  const other = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0]
  if (other) return sampleOf(other, root)
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'array':
      return Array.from({ length: schema.minItems ?? 1 }, () => sampleOf(schema.items ?? { type: 'string' }, root))
    case 'string':
      return 'Oslo'.padEnd(schema.minLength ?? 0, '.')
    case 'integer':
    case 'number':
      return schema.minimum ?? 3
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, property]) => [key, sampleOf(property, root)]),
      )
  }
}

/** Cuts a text as tokenizers do, roughly: a word with the space before it. */
export function tokens(text: string): readonly string[] {
  return text.match(/\s*[^\s"{}:,]+|\s*["{}:,]|\s+/gu) ?? []
}
