import type { CompletionRequest, Effort, Message, ResponseFormat, Tool } from '../../completion/request.ts'
import type { ModelFacts } from '../token-engine.ts'
import { type ChatTemplate, compileTemplate } from './chat-template.ts'
import type { Dialect } from './dialect.ts'
import { createFence, fenceRules } from './fence.ts'
import { easierMessages, type TemplateMessage, templateMessages } from './history.ts'

/** What of a request goes into its prompt, decided by the plan. */
export interface PromptContent {
  readonly messages: CompletionRequest['messages']
  /** Empty when the model must not know of any (contract C45). */
  readonly tools: readonly Tool[]
  readonly format: ResponseFormat
  readonly thinking: boolean
  readonly effort: Effort
}

export interface Prompt {
  /** For `Generation.prompt`: no control token is ever whole in a piece unless the template wrote it. */
  readonly pieces: readonly string[]
  /** `reasoning`: what comes first continues the reasoning; `answer`: it may still open some. */
  readonly starts: 'reasoning' | 'answer'
}

/** Writes prompts for one model with its own chat template, compiled once. @throws Error if the template cannot be read */
export function promptWriter(facts: ModelFacts, dialect: Dialect): (content: PromptContent) => Prompt {
  const template = compileTemplate(facts.chatTemplate)
  const rules = fenceRules(facts.specialTokens)
  const { open, close } = dialect.thinkTags
  /** What the weights put between the closing tag and the answer. */
  const gap = dialect.trimsNewlines ? '\n\n' : ''

  return ({ messages, tools, format, thinking, effort }) => {
    const fence = createFence(rules, [JSON.stringify([messages, tools, format])])
    const last = messages.at(-1)
    const prefix = last?.role === 'assistant' && last.prefix ? last : undefined
    /** The template itself leaves the last message open. */
    const leavesOpen = prefix !== undefined && dialect.continuesMessages
    const shown = templateMessages(prefix && !leavesOpen ? messages.slice(0, -1) : messages, dialect, fence)
    const toolObjects = tools.length ? fence.guardAll(tools.map(toolObject)) : undefined
    const formatObject = fence.guardAll(templateFormat(format))
    const additions = [
      ...(toolObjects && !dialect.writesTools ? [toolsInWords(toolObjects)] : []),
      ...(dialect.writesFormat ? [] : formatInWords(formatObject, messages)),
    ]
    const rendered = renderSomehow(template, {
      messages: withSystemText(shown, additions),
      tools: dialect.writesTools ? toolObjects : undefined,
      response_format: formatObject,
      thinking,
      enable_thinking: thinking,
      reasoning_effort: effort,
      add_generation_prompt: !leavesOpen,
      continue_final_message: leavesOpen,
      bos_token: facts.bosToken,
      eos_token: facts.eosToken,
    })
    const opened = !leavesOpen && rendered.trimEnd().endsWith(open)

    if (!prefix) {
      // A template that always opens reasoning is told otherwise: thinking off means off.
      const end = opened && !thinking ? close + gap : ''
      return {
        pieces: fence.cut(rendered + end),
        starts: thinking && (opened || startsInside(dialect, rendered)) ? 'reasoning' : 'answer',
      }
    }
    const reasons = thinking && prefix.content === ''
    if (leavesOpen) return { pieces: fence.cut(rendered), starts: reasons ? 'reasoning' : 'answer' }
    const reasoning = fence.guard(prefix.reasoning ?? '')
    const content = fence.guard(prefix.content)
    if (reasons) return { pieces: fence.cut(rendered + (opened ? '' : `${open}\n`) + reasoning), starts: 'reasoning' }
    const thought = thinking && (opened || reasoning) ? (opened ? '' : open) + reasoning + close + gap : ''
    const closed = opened && !thinking ? close + gap : thought
    return { pieces: fence.cut(rendered + closed + content), starts: 'answer' }
  }
}

type Variables = {
  readonly messages: readonly TemplateMessage[]
  readonly tools: readonly ToolObject[] | undefined
  readonly [name: string]: unknown
}

/** As it is, or else as a template takes it that wants a list of tools, or roles in turns. @throws ServeError for the first try */
function renderSomehow(template: ChatTemplate, variables: Variables): string {
  try {
    return template(variables)
  } catch (error) {
    const tools = variables.tools ?? []
    for (const messages of [variables.messages, ...easierMessages(variables.messages)]) {
      try {
        return template({ ...variables, messages, tools })
      } catch {}
    }
    throw error
  }
}

/** DeepSeek's weights begin with the reasoning itself, also where a template leaves the opening tag to them (contract C127). */
const startsInside = (dialect: Dialect, rendered: string): boolean =>
  dialect.deepseek && !rendered.trimEnd().endsWith(dialect.thinkTags.close)

export const toolObject = ({ name, description, parameters }: Tool) => ({
  type: 'function' as const,
  function: {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  },
})

type ToolObject = ReturnType<typeof toolObject>

type TemplateFormat =
  | { type: 'json_object' }
  | { type: 'json_schema'; json_schema: { name: string; schema: object; description?: string } }
  | undefined

export function templateFormat(format: ResponseFormat): TemplateFormat {
  switch (format.type) {
    case 'text':
      return undefined
    case 'json_object':
      return { type: 'json_object' }
    case 'json_schema': {
      const { name, schema, description } = format
      const described = description === undefined ? {} : { description }
      return { type: 'json_schema', json_schema: { name, schema, ...described } }
    }
  }
}

/** One short instruction; none for `json_object` when the messages speak of JSON themselves (contract C55). */
export function formatInWords(format: TemplateFormat, messages: readonly Message[]): string[] {
  if (!format) return []
  if (format.type === 'json_schema') {
    const { description, schema } = format.json_schema
    const purpose = description ? ` (${description})` : ''
    return [`Answer with JSON that fits this schema${purpose} and with nothing else:\n${JSON.stringify(schema)}`]
  }
  return messages.some(({ content }) => /json/i.test(content)) ? [] : ['Answer with one JSON object and nothing else.']
}

const toolsInWords = (tools: readonly ToolObject[]): string =>
  [
    'You can call these functions, one JSON object a line:',
    ...tools.map((tool) => JSON.stringify(tool.function)),
    'To call one, write its name and arguments as JSON between tags, and end your turn after the last call:',
    '<tool_call>\n{"name": "NAME", "arguments": {"KEY": "VALUE"}}\n</tool_call>',
    'The results come back between <tool_response> tags. Call a function only when you need it.',
  ].join('\n')

function withSystemText(messages: readonly TemplateMessage[], additions: readonly string[]): TemplateMessage[] {
  if (additions.length === 0) return [...messages]
  const [first, ...rest] = messages
  return first?.role === 'system'
    ? [{ ...first, content: [first.content, ...additions].join('\n\n') }, ...rest]
    : [{ role: 'system', content: additions.join('\n\n') }, ...messages]
}
