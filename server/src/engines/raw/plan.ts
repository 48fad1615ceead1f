import { ServeError } from '../../completion/failure.ts'
import { validatorOf } from '../../completion/json-schema.ts'
import { type JudgeCall, judgeCalls } from '../../completion/judge-calls.ts'
import type { CompletionRequest, JsonSchema, ResponseFormat, Sampling, Tool } from '../../completion/request.ts'
import { chain } from '../../completion/step.ts'
import { cutAtStop } from '../../completion/steps/cut-at-stop.ts'
import { guardCalls } from '../../completion/steps/guard-calls.ts'
import { guardEmpty } from '../../completion/steps/guard-empty.ts'
import { guardJson } from '../../completion/steps/guard-json.ts'
import { guardLoop } from '../../completion/steps/guard-loop.ts'
import { parseCalls } from '../../completion/steps/parse-calls.ts'
import type { PartStep } from '../../completion/steps/part.ts'
import { markupsOf, removeMarkup } from '../../completion/steps/remove-markup.ts'
import { splitReasoning } from '../../completion/steps/split-reasoning.ts'
import { stripControl } from '../../completion/steps/strip-control.ts'
import { trimNewlines } from '../../completion/steps/trim-newlines.ts'
import { unifyReasoning } from '../../completion/steps/unify-reasoning.ts'
import { keptBy } from '../../lib/kept-by.ts'
import type { Constraint, Generation, ModelFacts } from '../token-engine.ts'
import { markupOf, openersOf, schemasOf } from './call-readings.ts'
import type { Dialect } from './dialect.ts'
import { grammarOfCalls, grammarOfCallsOrJson, grammarOfSchema } from './grammar/grammar.ts'
import type { Prompt, PromptContent } from './prompt.ts'

const markupIn = ({ thinkTags: { open, close }, callReadings }: Dialect, forbidden: boolean) =>
  markupsOf([{ text: open }, { text: close }, ...markupOf(callReadings, forbidden)])
const markup = keptBy((dialect: Dialect) => markupIn(dialect, false))
const forbiddenMarkup = keptBy((dialect: Dialect) => markupIn(dialect, true))

/** How one request is answered by a token engine. */
export interface Plan {
  /** Whether this answer has reasoning; can be less than what was asked for (contract C34, C46). */
  readonly thinking: boolean
  readonly starts: Prompt['starts']
  /** What is not a call is JSON. */
  readonly isJson: boolean
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
  const shows = enforced ? 'settled' : 'whole'

  return {
    thinking,
    starts: prompt.starts,
    isJson: json !== undefined,
    generation: {
      prompt: prompt.pieces,
      sampling: samplingOf(request.sampling, dialect.deepseek && thinking),
      maxTokens: Math.min(request.maxTokens, maxOutput),
      constraints,
      banned: [
        ...(tools.length ? [] : dialect.callReadings.flatMap(({ tokens }) => tokens)),
        ...(mayReason ? [] : [dialect.thinkTags.open, dialect.thinkTags.close]),
      ],
      ...(request.logprobs && { logprobs: request.logprobs }),
    },
    steps: (last) =>
      inRow([
        stripControl(controlTexts(facts, dialect)),
        ...(dialect.writesChannels ? [unifyReasoning(dialect.thinkTags, { calls: tools.length > 0 })] : []),
        splitReasoning({
          tags: dialect.thinkTags,
          thinking,
          starts: prompt.starts,
          callOpeners: tools.length ? openersOf(dialect.callReadings) : [],
        }),
        guardLoop({ last }),
        ...(tools.length
          ? [parseCalls({ syntaxes: dialect.callReadings, schemas: schemasOf(tools), single, judge, last })]
          : []),
        removeMarkup(request.tools.length > tools.length ? forbiddenMarkup(dialect) : markup(dialect)),
        ...(dialect.trimsNewlines
          ? [trimNewlines({ reasoning: prefix.reasoning !== '', text: prefix.text !== '' })]
          : []),
        cutAtStop(request.stop),
        ...(forced ? [guardCalls({ last })] : []),
        ...(json
          ? [
              guardJson({
                ...json,
                shows,
                resumes: true,
                calls: tools.length > 0,
                prefix: prefix.text,
                last,
              }),
            ]
          : []),
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
  const { thinkTags, callReadings } = dialect
  const markup = callReadings.flatMap(({ opener, markup: texts }) => [opener, ...texts.map(({ text }) => text)])
  const read = [thinkTags.open, thinkTags.close, ...markup]
  const own = facts.controlTokens.filter((token) => token !== '' && !read.includes(token))
  return own.includes(facts.eosToken) || facts.eosToken === '' ? own : [...own, facts.eosToken]
}

interface JsonPromise {
  /** What the text is held to. */
  readonly schema: JsonSchema
  readonly problemOf: (value: unknown) => string | undefined
  /** What the grammar is made of, which may be more; the check finds what it leaves open. */
  readonly aim: JsonSchema
}

/**
 * What the format promises: without `strict` a schema is only a hint, and any JSON will do (contract C56).
 * @param constrains whether a grammar will be made of it: then what no grammar can say is refused
 */
export function jsonPromise(format: Exclude<ResponseFormat, { type: 'text' }>, constrains: boolean): JsonPromise {
  if (format.type === 'json_object') return promiseOf({ type: 'object' })
  const { schema, strict } = format
  if (!strict) return { ...promiseOf(true), aim: constrains && !expressible(schema) ? true : schema }
  return atParam('response_format.json_schema.schema', () => {
    if (constrains) grammarOfSchema(schema)
    return promiseOf(schema)
  })
}

const promiseOf = (schema: JsonSchema): JsonPromise => ({ schema, problemOf: validatorOf(schema), aim: schema })

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
  if (tools.length === 0) return json ? [{ gbnf: grammarOfSchema(json.aim).gbnf, ...start }] : []

  const calls = (opened: boolean) => atParam('tools', () => grammarOfCalls(syntax, { ...options, opened }).gbnf)
  /** When the model opens a call, also one inside its reasoning. */
  const onceOpened = { gbnf: calls(true), after: syntax.open }
  if (forced) return [{ gbnf: calls(false), ...start }, ...(cue === undefined ? [] : [onceOpened])]
  if (!json) return [onceOpened]
  const either = atParam('tools', () => grammarOfCallsOrJson(syntax, options, json.aim).gbnf)
  return [{ gbnf: either, ...start }, ...(cue === undefined ? [] : [onceOpened])]
}

/** @throws ServeError invalid-request for a strict tool that nobody can keep to its schema (contract C52) */
export function judgeOf(tools: readonly Tool[], only: string | undefined): JudgeCall {
  for (const [i, tool] of tools.entries())
    if (tool.strict) atParam(`tools[${i}].function.parameters`, () => validatorOf(tool.parameters ?? true))
  return judgeCalls(tools, only)
}
