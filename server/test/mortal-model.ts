import type { Generation } from '../src/engines/token-engine.ts'
import type { Script, ScriptedRun } from './scripted-engine.ts'

/** How a run of the model ends that does not come to its end, after so many tokens. */
export interface Death {
  readonly after: number
  readonly ends: NonNullable<ScriptedRun['ends']>
}

/**
 * A model with one thing to say, in as many engines as one likes: asked to go on from some of it, it says the rest. Its runs end early,
 * one after the other, as `deaths` has it.
 * @param raw as `ScriptedRun.raw`  @throws when it is to go on from what it never said
 */
export function mortalModel(raw: string, deaths: readonly Death[]): (generation: Generation) => Script {
  const tokens = raw.split('·')
  const left = [...deaths]
  let prompt: string | undefined
  return (generation) => {
    const asked = generation.prompt.join('')
    prompt ??= asked
    if (!asked.startsWith(prompt)) throw new Error('It was asked something else.')
    const rest = restOf(tokens, asked.slice(prompt.length))
    const death = left.shift()
    if (!death || rest.length < death.after) return rest.join('·')
    return { raw: rest.slice(0, death.after).join('·'), ends: death.ends }
  }
}

/** @returns the tokens behind what was said, the first of them cut where a token was said in part */
function restOf(tokens: readonly string[], said: string): readonly string[] {
  let left = said
  for (const [index, token] of tokens.entries()) {
    if (left === '') return tokens.slice(index)
    if (left.length < token.length && token.startsWith(left))
      return [token.slice(left.length), ...tokens.slice(index + 1)]
    if (!left.startsWith(token)) throw new Error(`It never said '${said}'.`)
    left = left.slice(token.length)
  }
  if (left !== '') throw new Error(`It never said '${said}'.`)
  return []
}
