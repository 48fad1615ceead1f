/** The playground's settings, and the body of the request that they make. */

export interface AskSettings {
  readonly model: string
  readonly system: string
  readonly stream: boolean
  readonly thinking: 'default' | 'enabled' | 'disabled'
  readonly effort: 'default' | 'low' | 'high' | 'max'
  readonly format: 'text' | 'json_object' | 'json_schema'
  readonly schema: string
  readonly tools: string
  /** `default`, `none`, `auto`, `required`, or `function:NAME`. */
  readonly toolChoice: string
  readonly parallel: boolean
  /** One on each line. */
  readonly stops: string
  /** Texts: empty means that nothing is sent. */
  readonly maxTokens: string
  readonly temperature: string
  readonly topP: string
  readonly seed: string
  readonly frequencyPenalty: string
  readonly presencePenalty: string
  readonly topLogprobs: string
  readonly userId: string
}

export const defaultSettings: AskSettings = {
  model: '',
  system: '',
  stream: true,
  thinking: 'default',
  effort: 'default',
  format: 'text',
  schema: '',
  tools: '',
  toolChoice: 'default',
  parallel: true,
  stops: '',
  maxTokens: '',
  temperature: '',
  topP: '',
  seed: '',
  frequencyPenalty: '',
  presencePenalty: '',
  topLogprobs: '',
  userId: '',
}

export const exampleSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 }, city: { type: 'string' } },
  required: ['name', 'age', 'city'],
  additionalProperties: false,
}

export const exampleTools = [
  {
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
  },
]

/** @returns the fields whose text is not JSON, so that nothing can be sent yet */
export const unreadable = ({ format, schema, tools }: AskSettings): readonly ('schema' | 'tools')[] => [
  ...(format === 'json_schema' && readJson(schema) === undefined ? (['schema'] as const) : []),
  ...(tools.trim() !== '' && readJson(tools) === undefined ? (['tools'] as const) : []),
]

/** The names of the functions that the tools say, as far as they can be read. */
export function toolNames(tools: string): readonly string[] {
  const read = readJson(tools)
  if (!Array.isArray(read)) return []
  return read.flatMap((tool) => (typeof tool?.function?.name === 'string' ? [tool.function.name] : []))
}

/** The body of the request. What was not touched is not sent: the API's defaults are the API's own. */
export function bodyOf(settings: AskSettings, messages: readonly object[]): Record<string, unknown> {
  const tools = settings.tools.trim() === '' ? undefined : readJson(settings.tools)
  const stops = settings.stops
    .split('\n')
    .filter((stop) => stop !== '')
    .map(unescaped)
  const topLogprobs = numberOf(settings.topLogprobs)
  const fields: Record<string, unknown> = {
    model: settings.model,
    messages,
    stream: settings.stream || undefined,
    thinking: settings.thinking === 'default' ? undefined : { type: settings.thinking },
    reasoning_effort: settings.effort === 'default' || settings.thinking === 'disabled' ? undefined : settings.effort,
    response_format: formatOf(settings),
    tools,
    tool_choice: tools === undefined ? undefined : choiceOf(settings.toolChoice),
    parallel_tool_calls: tools === undefined || settings.parallel ? undefined : false,
    stop: stops.length === 0 ? undefined : stops,
    max_tokens: numberOf(settings.maxTokens),
    temperature: numberOf(settings.temperature),
    top_p: numberOf(settings.topP),
    seed: numberOf(settings.seed),
    frequency_penalty: numberOf(settings.frequencyPenalty),
    presence_penalty: numberOf(settings.presencePenalty),
    logprobs: topLogprobs === undefined ? undefined : true,
    top_logprobs: topLogprobs,
    user_id: settings.userId.trim() || undefined,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function formatOf({ format, schema }: AskSettings): object | undefined {
  if (format === 'text') return undefined
  if (format === 'json_object') return { type: format }
  return { type: format, json_schema: { name: 'answer', strict: true, schema: readJson(schema) } }
}

function choiceOf(choice: string): unknown {
  if (choice === 'default') return undefined
  return choice.startsWith('function:')
    ? { type: 'function', function: { name: choice.slice('function:'.length) } }
    : choice
}

/** A text that is no number is sent as it is: the API says what is wrong with it. */
function numberOf(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const value = Number(trimmed)
  return Number.isNaN(value) ? trimmed : value
}

/** In a field of one line `\n` stands for a line feed, `\t` for a tab, and `\\` for itself. */
const unescaped = (text: string): string =>
  text.replace(/\\([nt\\])/g, (_, letter: string) => ({ n: '\n', t: '\t' })[letter] ?? letter)

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}
