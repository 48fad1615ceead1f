import type { Failure } from './failure.ts'
import { type Validator, validatorOf } from './json-schema.ts'
import { repairArguments } from './repair-arguments.ts'
import type { Tool } from './request.ts'
import type { WrittenCall } from './steps/call-values.ts'

/** What is thought of a well-formed call. */
export type Judgement =
  /** It stands, perhaps with other arguments than were written. */
  | { readonly type: 'fits'; readonly call: WrittenCall }
  /** It counts like broken tags. */
  | { readonly type: 'malformed' }
  /** Its arguments break the schema. In the last run it fails the answer, or passes as it is. */
  | { readonly type: 'unfit'; readonly call: WrittenCall; readonly failure: Failure | undefined }

export type JudgeCall = (call: WrittenCall) => Judgement

/**
 * Judges calls by the schemas of their functions, after a repair of what is plainly meant otherwise (contract C46, C52). A function
 * that nobody declared, or whose schema cannot be used, is not judged unless it is strict.
 * @param only the function of a named choice: a call of any other is none
 */
export function judgeCalls(tools: readonly Tool[], only: string | undefined): JudgeCall {
  const byName = new Map(tools.map((tool, index) => [tool.name, { tool, index }]))
  /** Compiled when first asked for: most functions that are offered are never called. */
  const validators = new Map<string, Validator | undefined>()
  const validatorFor = (tool: Tool): Validator | undefined => {
    if (!validators.has(tool.name)) validators.set(tool.name, validatorOfTool(tool))
    return validators.get(tool.name)
  }

  return (written) => {
    const call = { ...written, name: declared(written.name, byName) }
    if (only !== undefined && call.name !== only) return { type: 'malformed' }
    const known = byName.get(call.name)
    const fits = known && validatorFor(known.tool)
    if (!fits || fits(JSON.parse(call.arguments)) === undefined) return { type: 'fits', call }
    const repaired = repairArguments(call.arguments, schemaOf(known.tool))
    if (repaired !== undefined && fits(JSON.parse(repaired)) === undefined)
      return { type: 'fits', call: { name: call.name, arguments: repaired } }
    return { type: 'unfit', call, failure: known.tool.strict ? unfit(call.name, known.index) : undefined }
  }
}

/**
 * A name as the caller declared it: parsers leave marks of a family's own syntax around it (a channel of gpt-oss, a namespace, the
 * method that Llama calls). What is found in no way stays as it is.
 */
function declared(name: string, tools: ReadonlyMap<string, unknown>): string {
  if (tools.has(name)) return name
  const bare = name.replace(/<\|.*$/s, '').trim()
  const forms = [
    bare,
    bare.replace(/^functions[.:]/, ''),
    bare.replace(/^functions[.:]/, '').replace(/(?::\d+|\.call)$/, ''),
  ]
  return forms.find((form) => tools.has(form)) ?? name
}

const schemaOf = ({ parameters, strict }: Tool) =>
  parameters ?? (strict ? { type: 'object', additionalProperties: false } : true)

function validatorOfTool(tool: Tool): Validator | undefined {
  try {
    return validatorOf(schemaOf(tool))
  } catch (error) {
    if (tool.strict) throw error
    return undefined
  }
}

const unfit = (name: string, index: number): Failure => ({
  code: 'invalid-output',
  message: `The model did not produce arguments that match the schema of the function '${name}'.`,
  param: `tools[${index}].function.parameters`,
})
