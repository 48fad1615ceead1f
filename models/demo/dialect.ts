import { readFileSync } from 'node:fs'
import { Template } from '@huggingface/jinja'

/** The control tokens of DeepSeek V4. The bar is U+FF5C, the low line U+2581. */
export const BOS = '<｜begin▁of▁sentence｜>'
export const EOS = '<｜end▁of▁sentence｜>'
export const USER = '<｜User｜>'
export const ASSISTANT = '<｜Assistant｜>'
export const PAD = '<｜▁pad▁｜>'
export const THINK = '<think>'
export const THINK_END = '</think>'
export const DSML = '｜DSML｜'

/** Tokens that never show up in detokenised text. */
export const CONTROL_TOKENS: readonly string[] = [BOS, EOS, USER, ASSISTANT, PAD]
/** Tokens that are one id, but plain text for whoever reads the output. */
export const VISIBLE_TOKENS: readonly string[] = [THINK, THINK_END, DSML]

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type Arguments = { [key: string]: Json }

export type Message =
  | { role: 'system' | 'user'; content: string }
  | { role: 'tool'; content: string; tool_call_id: string }
  | {
      role: 'assistant'
      content: string
      reasoning_content?: string
      tool_calls?: { function: { name: string; arguments: Arguments } }[]
      /** Only for the generator: this text of the turn comes from the server (a forced call), so it is not learnt. */
      forced?: string
      /** Only for the generator: where the template leaves the reasoning out, this answer is not learnt. */
      needsReasoning?: true
    }

export type Schema = { [key: string]: Json }
export type Tool = {
  type: 'function'
  function: { name: string; description?: string; parameters?: Schema; strict?: boolean }
}
export type ResponseFormat =
  | { type: 'json_object' }
  | { type: 'json_schema'; json_schema: { name: string; schema: Schema } }
export type Effort = 'low' | 'high' | 'max'

/** What the chat template sees of a request. */
export type Prompt = {
  messages: readonly Message[]
  tools?: readonly Tool[]
  response_format?: ResponseFormat
  thinking: boolean
  reasoning_effort?: Effort
  add_generation_prompt?: boolean
  continue_final_message?: boolean
}

export const templateSource = readFileSync(new URL('template.jinja', import.meta.url), 'utf8')
const template = new Template(templateSource)

/** The text the model reads, from the very template that travels in the GGUF. */
export const render = (prompt: Prompt): string =>
  template.render({ ...prompt, enable_thinking: prompt.thinking, bos_token: BOS, eos_token: EOS })

/** A piece of a training text; only learnt pieces count in the loss. */
export type Piece = { text: string; learnt: boolean }

/**
 * Cuts a finished conversation into what the model reads and what it must say: each assistant turn from the end of its
 * opening marker up to and including the end token. A turn whose reasoning was lost (`<think></think>`) starts behind it.
 */
export function pieces(conversation: Prompt): Piece[] {
  const assistants = conversation.messages.filter((message) => message.role === 'assistant')
  const [head = '', ...turns] = render(conversation).split(ASSISTANT)
  const out: Piece[] = [{ text: head, learnt: false }]
  for (const [index, turn] of turns.entries()) {
    const { forced, needsReasoning } = assistants[index] ?? {}
    const lost = THINK + THINK_END
    let start = turn.startsWith(lost) ? lost.length : turn.startsWith(THINK) ? THINK.length : THINK_END.length
    if (forced) start = turn.indexOf(forced) + forced.length
    const learnt = !(needsReasoning && (turn.startsWith(THINK_END) || turn.startsWith(lost)))
    const end = turn.indexOf(EOS) + EOS.length
    out.push({ text: ASSISTANT + turn.slice(0, start), learnt: false }, { text: turn.slice(start, end), learnt })
    if (end < turn.length) out.push({ text: turn.slice(end), learnt: false })
  }
  return out
}
