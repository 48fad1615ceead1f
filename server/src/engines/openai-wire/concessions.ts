import { isObject, type Json } from './chunk.ts'
import { type ChatBody, withSystemText } from './encode.ts'
import type { Refusal } from './refusal.ts'

/** One way to ask for the same with less, when an upstream refuses a field by its name (contract C46, C58, C93). */
export interface Concession {
  /** What the refusal says where this helps. */
  readonly named: RegExp
  /** It holds for every request from then on: the field alone was the matter, not what stood in it. */
  readonly lasting: boolean
  /** @returns undefined where there is nothing to leave out */
  readonly make: (body: ChatBody) => ChatBody | undefined
}

const without =
  (...fields: readonly string[]) =>
  (body: ChatBody): ChatBody | undefined =>
    fields.some((field) => field in body)
      ? ({ ...body, ...Object.fromEntries(fields.map((field) => [field, undefined])) } as ChatBody)
      : undefined

/** Where it says what an upstream does anyhow. */
const ifDefault =
  (field: string, value: unknown) =>
  (body: ChatBody): ChatBody | undefined =>
    body[field] === value ? without(field)(body) : undefined

const field = (named: RegExp, make: Concession['make']): Concession => ({ named, lasting: true, make })

/**
 * What a promise does not hang on, as it is kept here: formats and calls are checked, usage is counted, a seed is best effort. What
 * keeps users apart, and what a client would miss without a word, is no concession. The first that fits is made.
 */
const concessions: readonly Concession[] = [
  // OpenAI's own reasoning models know only the new name.
  field(
    /use\W+max_completion_tokens|max_tokens\W+(?:is |are )?(?:un|not )supported|max_tokens\W+extra inputs/i,
    (body) => (body.limitField ? undefined : { ...body, limitField: 'max_completion_tokens' }),
  ),
  field(/continuous_usage_stats/i, (body) =>
    body.stream_options?.continuous_usage_stats ? { ...body, stream_options: { include_usage: true } } : undefined,
  ),
  field(/stream_options|include_usage/i, without('stream_options')),
  field(/\bseed\b/i, without('seed')),
  field(/\btemperature\b/i, ifDefault('temperature', 1)),
  field(/\btop_p\b/i, ifDefault('top_p', 1)),
  field(/\btop_k\b/i, without('top_k')),
  field(/\bmin_p\b/i, without('min_p')),
  field(/\brepetition_penalty\b/i, without('repetition_penalty')),
  field(/\bseparate_reasoning\b/i, without('separate_reasoning')),
  field(/\bstrict\b/i, withoutStrict),
  // Beside it the level goes to the template, or the default level stands.
  { named: /\breasoning_effort\b/i, lasting: false, make: without('reasoning_effort') },
  { named: /tool_choice|tool choice/i, lasting: false, make: withWeakerChoice },
  {
    named: /response_format|json_object|json mode|guided|structured/i,
    lasting: false,
    make: without('response_format'),
  },
  // Nobody enforces every schema, and what is wrong with one is said in many words.
  {
    named: /(?:)/,
    lasting: false,
    make: (body) =>
      isObject(body.response_format) && body.response_format.type === 'json_schema'
        ? without('response_format')(body)
        : undefined,
  },
]

function withoutStrict(body: ChatBody): ChatBody | undefined {
  const tools = Array.isArray(body.tools) ? (body.tools as readonly Json[]) : []
  if (!tools.some((tool) => isObject(tool.function) && 'strict' in tool.function)) return undefined
  return {
    ...body,
    tools: tools.map((tool) => {
      const { strict: _, ...rest } = isObject(tool.function) ? tool.function : {}
      return { ...tool, function: rest }
    }),
  }
}

/** First the one function that may be called is the only one; then words ask for the call. That one comes is seen to here. */
function withWeakerChoice(body: ChatBody): ChatBody | undefined {
  const { tool_choice: choice, tools } = body
  const name = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined
  if (name !== undefined && Array.isArray(tools)) {
    const only = tools.filter((tool) => isObject(tool) && isObject(tool.function) && tool.function.name === name)
    return { ...body, tools: only, tool_choice: 'required' }
  }
  if (choice !== 'required') return undefined
  return {
    ...body,
    tool_choice: 'auto',
    messages: withSystemText(body.messages, ['Answer with a call of one of the functions, and with nothing else.']),
  }
}

/** @returns what may help against this refusal; undefined where there is nothing */
export function concessionTo(
  { status, message }: Refusal,
  body: ChatBody,
): { readonly body: ChatBody; readonly concession: Concession } | undefined {
  if (status !== 400 && status !== 422) return undefined
  for (const concession of concessions) {
    const made = concession.named.test(message) ? concession.make(body) : undefined
    if (made) return { body: made, concession }
  }
  return undefined
}

/** @returns the field of the client's that this upstream does not take, or not with this value: nothing may stand in for it (contract C12) */
export function missedField(
  { status, message }: Refusal,
  body: ChatBody,
): 'temperature' | 'top_p' | 'logprobs' | undefined {
  if (status !== 400 && status !== 422) return undefined
  if (
    !/unsupported|not support|not permitted|not allowed|unknown|unrecognized|unexpected|extra|must be|should be|between|range|(?:less|greater|larger) than/i.test(
      message,
    )
  )
    return undefined
  return (['temperature', 'top_p', 'logprobs'] as const).find(
    (name) => body[name] !== undefined && new RegExp(`\\b(?:top_)?${name}\\b`, 'i').test(message),
  )
}
