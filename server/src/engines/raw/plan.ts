import type { Failure } from '../../completion/failure.ts'
import { ServeError } from '../../completion/failure.ts'
import { validatorOf } from '../../completion/json-schema.ts'
import type { CompletionRequest, JsonSchema, ResponseFormat, Sampling, Tool } from '../../completion/request.ts'
import { chain } from '../../completion/step.ts'
import { cutAtStop } from '../../completion/steps/cut-at-stop.ts'
import { guardCalls } from '../../completion/steps/guard-calls.ts'
import { guardEmpty } from '../../completion/steps/guard-empty.ts'
import { guardJson } from '../../completion/steps/guard-json.ts'
import { guardLoop } from '../../completion/steps/guard-loop.ts'
import { parseCalls } from '../../completion/steps/parse-calls.ts'
import type { PartStep } from '../../completion/steps/part.ts'
import { removeMarkup } from '../../completion/steps/remove-markup.ts'
import { splitReasoning } from '../../completion/steps/split-reasoning.ts'
import { stripControl } from '../../completion/steps/strip-control.ts'
import { trimNewlines } from '../../completion/steps/trim-newlines.ts'
import type { Constraint, Generation, ModelFacts } from '../token-engine.ts'
import type { Dialect } from './dialect.ts'
import { grammarOfCalls, grammarOfCallsOrJson, grammarOfSchema } from './grammar/grammar.ts'
import type { Prompt, PromptContent } from './prompt.ts'

/** How one request is answered by a token engine. */
export interface Plan {
  /** Whether this answer has reasoning; can be less than what was asked for (contract C34, C46). */
  readonly thinking: boolean
  readonly starts: Prompt['starts']
  readonly generation: Generation
  /** The way from raw text to an answer, begun anew for each run. `last`: no other run will follow. */
  readonly steps: (last: boolean) => PartStep
}

type Writer = (content: PromptContent) => Prompt

/**
 * @param maxOutput the most output tokens of this model
 * @throws ServeError invalid-request when the template refuses the messages, or nobody can keep to a schema
 */
export function planOf(
  request: CompletionRequest,
  dialect: Dialect,
  facts: ModelFacts,
  write: Writer,
  maxOutput: number,
): Plan {
  const { toolChoice } = request
  const tools = toolChoice.type === 'none' ? [] : request.tools
  const forced = tools.length > 0 && (toolChoice.type === 'required' || toolChoice.type === 'function')
  const thinking = request.thinking.enabled && dialect.canThink && (facts.constrains || !forced)
  // A forced call leaves no room for a format (contract C59).
  const format: ResponseFormat = forced ? { type: 'text' } : request.format
  const prompt = write({ messages: request.messages, tools, format, thinking, effort: request.thinking.effort })
  const prefix = prefixOf(request)
  const mayReason = thinking && prefix.text === ''
  const only = forced && toolChoice.type === 'function' ? toolChoice.name : undefined
  const single = only !== undefined || !request.parallelToolCalls
  const json = format.type === 'text' ? undefined : jsonPromise(format, facts.constrains)
  const judge = judgeOf(tools, only)

  const cue = mayReason ? dialect.thinkTags.close : undefined
  const constraints = facts.constrains
    ? constraintsOf({ dialect, tools, forced, only, single, json: prefix.text === '' ? json : undefined, cue })
    : []
  // Where the model decides itself whether to reason, the grammar may wait for a cue that never comes.
  const enforced = constraints.length > 0 && !(mayReason && prompt.starts === 'answer') && prefix.text === ''
  const hold = !enforced || (json?.left ?? false)

  return {
    thinking,
    starts: prompt.starts,
    generation: {
      prompt: prompt.pieces,
      sampling: samplingOf(request.sampling, dialect.deepseek && thinking),
      maxTokens: Math.min(request.maxTokens, maxOutput),
      constraints,
      banned: [
        ...(tools.length ? [] : dialect.callReading.tokens),
        ...(mayReason ? [] : [dialect.thinkTags.open, dialect.thinkTags.close]),
      ],
      ...(request.logprobs && { logprobs: request.logprobs }),
    },
    steps: (last) =>
      inRow([
        stripControl(controlTexts(facts, dialect)),
        splitReasoning({
          tags: dialect.thinkTags,
          thinking,
          starts: prompt.starts,
          callOpeners: tools.length ? [dialect.callReading.opener] : [],
        }),
        guardLoop({ last }),
        ...(tools.length ? [parseCalls({ ...dialect.callReading, single, judge, last })] : []),
        removeMarkup([
          { text: dialect.thinkTags.open },
          { text: dialect.thinkTags.close },
          ...dialect.callReading.markup,
        ]),
        ...(dialect.trimsNewlines
          ? [trimNewlines({ reasoning: prefix.reasoning !== '', text: prefix.text !== '' })]
          : []),
        cutAtStop(request.stop),
        ...(forced ? [guardCalls({ last })] : []),
        ...(json ? [guardJson({ hold, problemOf: json.problemOf, prefix: prefix.text, last })] : []),
        guardEmpty({ last }),
      ]),
  }
}

export const inRow = (steps: readonly PartStep[]): PartStep => steps.reduce((first, second) => chain(first, second))

export const prefixOf = ({ messages }: CompletionRequest): { readonly text: string; readonly reasoning: string } => {
  const last = messages.at(-1)
  return last?.role === 'assistant' && last.prefix
    ? { text: last.content, reasoning: last.reasoning ?? '' }
    : { text: '', reasoning: '' }
}

/** A complete set, so that no engine's own defaults matter (contract C16–C18). */
export function samplingOf(asked: Sampling, fixed: boolean): Sampling {
  const seed = asked.seed === undefined ? {} : { seed: asked.seed }
  if (fixed && !asked.always) return { temperature: 1, topP: 1, ...seed }
  if (asked.topP === 0) return { temperature: 0, topP: 1, ...seed }
  return { temperature: asked.temperature, topP: asked.topP, ...seed }
}

/** Control tokens that would be seen in an answer. What the dialect itself reads is none of them. */
function controlTexts(facts: ModelFacts, dialect: Dialect): readonly string[] {
  const { thinkTags, callReading } = dialect
  const read = [thinkTags.open, thinkTags.close, callReading.opener, ...callReading.markup.map(({ text }) => text)]
  const own = facts.controlTokens.filter((token) => token !== '' && !read.includes(token))
  return own.includes(facts.eosToken) || facts.eosToken === '' ? own : [...own, facts.eosToken]
}

interface JsonPromise {
  /** What the grammar is made of. */
  readonly schema: JsonSchema
  readonly problemOf: (value: unknown) => string | undefined
  /** Something of what was promised is beyond the grammar, so the answer must be checked before it is shown. */
  readonly left: boolean
}

/**
 * What the format promises: without `strict` a schema is only a hint, and any JSON will do (contract C56).
 * @param constrains whether a grammar will be made of it: then what no grammar can say is refused
 */
export function jsonPromise(format: Exclude<ResponseFormat, { type: 'text' }>, constrains: boolean): JsonPromise {
  if (format.type === 'json_object') {
    const problemOf = (value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'It is not an object.'
    return { schema: { type: 'object' }, problemOf, left: false }
  }
  const { schema, strict } = format
  if (!strict) {
    const hint = constrains && !expressible(schema) ? true : schema
    return { schema: hint, problemOf: () => undefined, left: false }
  }
  const param = 'response_format.json_schema.schema'
  const problemOf = atParam(param, () => validatorOf(schema))
  const left = constrains && atParam(param, () => grammarOfSchema(schema)).unexpressed.length > 0
  return { schema, problemOf, left }
}

function expressible(schema: JsonSchema): boolean {
  try {
    grammarOfSchema(schema)
    return true
  } catch {
    return false
  }
}

/** Runs `make`; what it finds wrong is put down to the field `param`. */
function atParam<T>(param: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ServeError({ code: 'invalid-request', message: `'${param}': ${message}`, param }, { cause: error })
  }
}

interface Promised {
  readonly dialect: Dialect
  readonly tools: readonly Tool[]
  readonly forced: boolean
  readonly only: string | undefined
  readonly single: boolean
  readonly json: JsonPromise | undefined
  /** The text that ends the reasoning, if there may be some. */
  readonly cue: string | undefined
}

/** Grammars for what the request promises, each with its cue (contract C57, C59). */
function constraintsOf({ dialect, tools, forced, only, single, json, cue }: Promised): Constraint[] {
  const syntax = dialect.callSyntax
  const options = { tools, only, maxCalls: single ? (1 as const) : undefined }
  const start = cue === undefined ? {} : { after: cue }
  if (tools.length === 0) return json ? [{ gbnf: grammarOfSchema(json.schema).gbnf, ...start }] : []

  const calls = (opened: boolean) => atParam('tools', () => grammarOfCalls(syntax, { ...options, opened }).gbnf)
  /** When the model opens a call, also one inside its reasoning. */
  const onceOpened = { gbnf: calls(true), after: syntax.open }
  if (forced) return [{ gbnf: calls(false), ...start }, ...(cue === undefined ? [] : [onceOpened])]
  if (!json) return [onceOpened]
  const either = atParam('tools', () => grammarOfCallsOrJson(syntax, options, json.schema).gbnf)
  return [{ gbnf: either, ...start }, ...(cue === undefined ? [] : [onceOpened])]
}

/** @returns what is wrong with a well-formed call: not the named function, or arguments that break a strict schema (contract C46, C52). */
export function judgeOf(tools: readonly Tool[], only: string | undefined) {
  const strict = new Map(
    tools.flatMap((tool, i) => {
      if (!tool.strict) return []
      const param = `tools[${i}].function.parameters`
      const fits = atParam(param, () => validatorOf(tool.parameters ?? { type: 'object', additionalProperties: false }))
      return [[tool.name, { fits, param }] as const]
    }),
  )
  return (call: { readonly name: string; readonly arguments: string }): 'malformed' | Failure | undefined => {
    if (only !== undefined && call.name !== only) return 'malformed'
    const rule = strict.get(call.name)
    if (!rule || rule.fits(JSON.parse(call.arguments)) === undefined) return undefined
    return {
      code: 'invalid-output',
      message: `The model did not produce arguments that match the schema of the function '${call.name}'.`,
      param: rule.param,
    }
  }
}
