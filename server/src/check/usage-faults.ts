/** What is wrong with a usage object, by section 11 of the contract. */
import { at, isCount, type JsonObject } from './wire-json.ts'

const fields: readonly (readonly string[])[] = [
  ['prompt_tokens'],
  ['completion_tokens'],
  ['total_tokens'],
  ['prompt_cache_hit_tokens'],
  ['prompt_cache_miss_tokens'],
  ['prompt_tokens_details', 'cached_tokens'],
  ['prompt_tokens_details', 'audio_tokens'],
  ['prompt_tokens_details', 'text_tokens'],
  ['completion_tokens_details', 'reasoning_tokens'],
  ['completion_tokens_details', 'accepted_prediction_tokens'],
  ['completion_tokens_details', 'rejected_prediction_tokens'],
]

/** C83: all of them, each a whole number. */
export function missingCounts(usage: JsonObject): string[] {
  const missing = fields.filter((path) => !isCount(at(usage, ...path))).map((path) => path.join('.'))
  return missing.length === 0 ? [] : [`no ${missing.join(', ')}`]
}

/** C83, C84: those that are there agree with one another. */
export function disagreements(usage: JsonObject): string[] {
  const count = (...path: readonly string[]) => {
    const found = at(usage, ...path)
    return isCount(found) ? found : undefined
  }
  const prompt = count('prompt_tokens')
  const completion = count('completion_tokens')
  const total = count('total_tokens')
  const hit = count('prompt_cache_hit_tokens')
  const miss = count('prompt_cache_miss_tokens')
  const cached = count('prompt_tokens_details', 'cached_tokens')
  const reasoning = count('completion_tokens_details', 'reasoning_tokens')
  const faults: string[] = []
  if (prompt === undefined || completion === undefined || total === undefined)
    return ['prompt_tokens, completion_tokens or total_tokens is missing']
  if (total !== prompt + completion) faults.push(`total ${total} is not ${prompt} + ${completion}`)
  if (hit !== undefined && miss !== undefined && hit + miss !== prompt)
    faults.push(`cache hit ${hit} + miss ${miss} is not ${prompt}`)
  if (cached !== undefined && (cached > prompt || (hit !== undefined && cached !== hit)))
    faults.push(`cached_tokens ${cached} does not fit`)
  if (reasoning !== undefined && reasoning > completion)
    faults.push(`reasoning_tokens ${reasoning} is more than ${completion}`)
  return faults
}
