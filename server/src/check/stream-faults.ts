/** What is wrong with a stream, by the clauses of section 10 of the contract. Knows nothing of what was asked but usage and thinking. */

import type { Stream } from './reading.ts'
import { at, isCount, isObject, type JsonObject, listAt, shown } from './wire-json.ts'

/** One role chunk first, one finish chunk, nothing but usage behind it, `[DONE]` last; C71, C72, C74, C75, C77. */
export function grammarFaults({ chunks, unreadable, done, error }: Stream): string[] {
  const faults: string[] = []
  const deltas = chunks.map((chunk) => at(chunk, 'choices', 0, 'delta'))
  if (error !== undefined) faults.push('the stream ends with an error')
  if (unreadable.length > 0) faults.push(`data that is no JSON object: ${shown(unreadable[0])}`)
  if (at(deltas[0], 'role') !== 'assistant') faults.push('the first chunk has no role')
  if (deltas.slice(1).some((delta) => at(delta, 'role') !== undefined)) faults.push('the role comes more than once')
  const finishes = chunks.flatMap((chunk, index) => (at(chunk, 'choices', 0, 'finish_reason') ? [index] : []))
  if (finishes.length !== 1) faults.push(`${finishes.length} chunks have a finish reason`)
  const finish = finishes[0]
  if (finish !== undefined) {
    if (shown(deltas[finish]) !== '{}') faults.push(`the finish chunk has the delta ${shown(deltas[finish])}`)
    if (chunks.slice(finish + 1).some((chunk) => listAt(chunk, 'choices').length > 0))
      faults.push('chunks with text follow the finish chunk')
  }
  const ranks = deltas.flatMap((delta) => rankOf(delta))
  if (ranks.some((rank, index) => rank < (ranks[index - 1] ?? 0))) faults.push('reasoning, content and calls are mixed')
  if (!done) faults.push('[DONE] is not the last event')
  return faults
}

const order = ['reasoning_content', 'content', 'tool_calls']

const rankOf = (delta: unknown): number[] =>
  order.flatMap((field, rank) => {
    const value = at(delta, field)
    return (typeof value === 'string' || Array.isArray(value)) && value.length > 0 ? [rank] : []
  })

/** C73: the same on every chunk. */
export function headFaults({ chunks }: Stream): string[] {
  return ['id', 'object', 'created', 'model', 'system_fingerprint'].flatMap((field) => {
    const values = new Set(chunks.map((chunk) => shown(chunk[field])))
    if (values.size > 1) return [`${field} changes`]
    return values.has('nothing') ? [`no ${field}`] : []
  })
}

/** C76: what is not there is absent, and nothing is empty. */
export function deltaFaults({ chunks }: Stream): string[] {
  const faults = new Set<string>()
  const finish = chunks.findIndex((chunk) => at(chunk, 'choices', 0, 'finish_reason'))
  for (const [index, chunk] of chunks.entries()) {
    const delta = at(chunk, 'choices', 0, 'delta')
    if (!isObject(delta)) continue
    for (const [field, value] of Object.entries(delta)) if (value === null) faults.add(`${field} is null`)
    for (const call of listAt(delta, 'tool_calls'))
      for (const [field, value] of Object.entries({ ...(isObject(call) && call) }))
        if (value === null) faults.add(`tool_calls[].${field} is null`)
    if (index === 0 || index === finish) continue
    const full = rankOf(delta).length
    if (full === 0) faults.add('a delta is empty')
    if (full > 1) faults.add('a delta has two fields')
  }
  return [...faults]
}

/** C78: exactly one usage, in the place that was asked for. */
export function usageFaults({ chunks }: Stream, asked: boolean): string[] {
  const given = chunks.filter((chunk) => isObject(chunk.usage))
  if (given.length === 0) return ['there is no usage']
  if (given.length > 1) return [`${given.length} chunks have usage`]
  const [only] = given
  const withoutChoices = listAt(only, 'choices').length === 0
  if (asked) {
    const nulls = chunks.filter((chunk) => chunk !== only)
    return [
      ...(withoutChoices ? [] : ['usage is not on a chunk of its own']),
      ...(nulls.every((chunk) => chunk.usage === null) ? [] : ['the other chunks have no "usage": null']),
    ]
  }
  const finishes = at(only, 'choices', 0, 'finish_reason')
  return [
    ...(finishes ? [] : ['usage is not on the finish chunk']),
    ...(chunks.every((chunk) => chunk === only || !('usage' in chunk)) ? [] : ['other chunks have the key usage']),
  ]
}

/** C79: fragments of calls. */
export function fragmentFaults({ chunks }: Stream): string[] {
  const faults = new Set<string>()
  let open = -1
  for (const part of chunks.flatMap((chunk) => listAt(chunk, 'choices', 0, 'delta', 'tool_calls'))) {
    const index = at(part, 'index')
    if (!isCount(index)) faults.add('a fragment has no index')
    else if (index === open + 1) {
      open = index
      if (typeof at(part, 'id') !== 'string' || at(part, 'type') !== 'function')
        faults.add('the first fragment of a call lacks its id or type')
      if (typeof at(part, 'function', 'name') !== 'string') faults.add('the first fragment of a call lacks its name')
      if (at(part, 'function', 'arguments') !== '') faults.add('the first fragment of a call has arguments')
    } else if (index !== open) faults.add('indexes are not 0, 1, 2, … in order')
    else if (!hasOnly(part, ['index', 'function'])) faults.add('a later fragment repeats id, type or name')
  }
  return [...faults]
}

const hasOnly = (part: unknown, fields: readonly string[]): boolean =>
  isObject(part) &&
  Object.keys(part).every((key) => fields.includes(key)) &&
  at(part as JsonObject, 'function', 'name') === undefined
