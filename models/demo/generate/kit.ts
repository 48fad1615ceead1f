import type { Arguments, Json, Schema, Tool } from '../dialect.ts'
import { jsonText } from './json-text.ts'
import type { Draw } from './random.ts'

/** A request that a tool answers. */
export type Ask = { user: string; args: Arguments }
/** What came back, and what is said about it. */
export type Outcome = { content: string; answer: string }
/** A tool as one conversation has it, with ways to ask for it. */
export type Kit = {
  tool: Tool
  ask: () => Ask
  askPair?: () => Pair
  outcome: (args: Arguments) => Outcome
  topic: string
}
/** One request that needs the same tool twice. */
export type Pair = { user: string; args: readonly [Arguments, Arguments] }

/**
 * A kind of tool in one shape: its possible names and descriptions (patterns, see `Draw.said`), its parameters, how it is asked for
 * and what it says.
 */
export type Family = (draw: Draw) => {
  names: readonly string[]
  about: readonly string[]
  properties: { [key: string]: Schema }
  optional?: readonly string[]
  ask: () => Ask
  askPair?: () => Pair
  outcome: (args: Arguments) => Outcome
}

export const text = (draw: Draw, descriptions: readonly string[]): Schema =>
  draw.chance(0.6) ? { type: 'string', description: draw.pick(descriptions) } : { type: 'string' }
export const whole = (draw: Draw, descriptions: readonly string[]): Schema =>
  draw.chance(0.5)
    ? { type: 'integer', description: draw.pick(descriptions) }
    : { type: draw.pick(['integer', 'number']) }
/** What may follow a question about the present; a piece of a pattern. */
export const NOW = '[||| today| now| right now| at the moment]'
export const first = (args: Arguments): string => String(Object.values(args)[0])
/** Two different values. */
export function two<T>(make: () => T): [T, T] {
  const one = make()
  for (;;) {
    const other = make()
    if (other !== one) return [one, other]
  }
}
/** A result in one of the ways tools write it. */
export const told = (draw: Draw, value: Json, keys: readonly string[]): string =>
  draw.chance(0.35) ? String(value) : jsonText({ ...(draw.chance(0.15) ? { ok: true } : {}), [draw.pick(keys)]: value })
export const done = (draw: Draw): string =>
  draw.pick([
    'ok',
    'done',
    'sent',
    'success',
    'OK',
    'true',
    'finished',
    '{"ok": true}',
    '{"result": "ok"}',
    '{"done": true}',
    '{"error": null}',
    '{"status": "ok"}',
    '{"success": true}',
    '{"status": "done"}',
  ])

export function toolOf(
  draw: Draw,
  name: string,
  description: string | undefined,
  properties: { [key: string]: Schema },
  required: string[],
): Tool {
  const empty = Object.keys(properties).length === 0
  if (empty && draw.chance(0.4))
    return { type: 'function', function: { name, ...(description !== undefined && { description }) } }
  const parameters: Schema = { type: 'object', properties }
  if (required.length > 0 || draw.chance(0.3)) parameters.required = required
  const strict = draw.chance(0.1)
  if (strict || draw.chance(0.25)) parameters.additionalProperties = false
  return {
    type: 'function',
    function: { name, ...(description !== undefined && { description }), parameters, ...(strict && { strict }) },
  }
}
