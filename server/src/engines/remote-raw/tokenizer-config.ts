import { isObject, type Json } from '../openai-wire/chunk.ts'

/** What is known of a model's tokenizer and template, from wherever. */
export interface TokenizerConfig {
  readonly chatTemplate?: string
  readonly bosToken?: string
  readonly eosToken?: string
  /** Tokens that stand for themselves wherever they are found. Absent where nobody lists them. */
  readonly addedTokens?: readonly AddedToken[]
}

interface AddedToken {
  readonly text: string
  /** A control token; else a token that a user's text may have, though not by itself. */
  readonly control: boolean
}

/** Reads what Hugging Face's `tokenizer_config.json` says, as file or as vLLM's `/tokenizer_info`. */
export function readTokenizerConfig(body: Json): TokenizerConfig {
  const template = templateOf(body.chat_template)
  const bosToken = tokenText(body.bos_token)
  const eosToken = tokenText(body.eos_token)
  const added = body.added_tokens_decoder
  return {
    ...(template !== undefined && { chatTemplate: template }),
    ...(bosToken !== undefined && { bosToken }),
    ...(eosToken !== undefined && { eosToken }),
    ...(isObject(added) && { addedTokens: Object.values(added).flatMap(addedToken) }),
  }
}

/** One template, or several by name: then the default one. */
function templateOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const named = value.find((one) => isObject(one) && one.name === 'default')
  return isObject(named) && typeof named.template === 'string' ? named.template : undefined
}

/** Written out, or as an object; `null` is a model that has none. */
function tokenText(value: unknown): string | undefined {
  if (value === null) return ''
  const text = isObject(value) ? value.content : value
  return typeof text === 'string' ? text : undefined
}

function addedToken(value: unknown): AddedToken[] {
  if (!isObject(value) || typeof value.content !== 'string') return []
  return [{ text: value.content, control: value.special === true }]
}
