import { ServeError } from '../../completion/failure.ts'
import type { CompletionRequest, ResponseFormat } from '../../completion/request.ts'
import { chain } from '../../completion/step.ts'
import { bareCalls } from '../../completion/steps/bare-calls.ts'
import { cutAtStop } from '../../completion/steps/cut-at-stop.ts'
import { dropEndMarks } from '../../completion/steps/drop-end-marks.ts'
import { guardCalls } from '../../completion/steps/guard-calls.ts'
import { guardEmpty } from '../../completion/steps/guard-empty.ts'
import { guardJson } from '../../completion/steps/guard-json.ts'
import { guardLoop } from '../../completion/steps/guard-loop.ts'
import { parseCalls } from '../../completion/steps/parse-calls.ts'
import type { PartStep } from '../../completion/steps/part.ts'
import { markupsOf, removeMarkup } from '../../completion/steps/remove-markup.ts'
import { splitReasoning } from '../../completion/steps/split-reasoning.ts'
import { trimNewlines } from '../../completion/steps/trim-newlines.ts'
import { unifyReasoning } from '../../completion/steps/unify-reasoning.ts'
import { keptBy } from '../../lib/kept-by.ts'
import { allReadings, type CallReading, markupOf, openersOf, readings, schemasOf } from '../raw/call-readings.ts'
import { hermes } from '../raw/call-syntax.ts'
import { inRow, jsonPromise, judgeOf, prefixOf } from '../raw/plan.ts'
import { type Assembly, createAssembly, type StartingPoint } from './assembly.ts'
import { beforeCalls } from './before-calls.ts'
import { callsEndReasoning } from './calls-end-reasoning.ts'
import { type ChatBody, encodeRequest } from './encode.ts'
import { type LateClose, lateClose, type Manners } from './late-close.ts'
import type { Upstream, Wire } from './wire.ts'

/** How one request is answered by a chat API. */
export interface ChatPlan {
  /** Whether this answer has reasoning; can be less than what was asked for (contract C34, C46). */
  readonly thinking: boolean
  /** A call must come (contract C46). */
  readonly forced: boolean
  readonly face: 'chat' | 'prefix'
  /** The text is held to a format. */
  readonly isJson: boolean
  readonly body: ChatBody
  /** From what the upstream says to parts, begun anew for each run. `last`: no other run will follow. */
  readonly assembly: (last: boolean, from?: StartingPoint) => Assembly
  /** Sees to the border between reasoning and text, before the other steps. */
  readonly border: () => LateClose
  /** From parts to an answer. */
  readonly steps: (last: boolean) => PartStep
}

const thinkTags = { open: '<think>', close: '</think>' }

const ownMarkup = [
  { text: thinkTags.open },
  { text: thinkTags.close },
  // Command's answers stand between marks of their own.
  { text: '<|START_RESPONSE|>' },
  { text: '<|START_TEXT|>' },
  { text: '<|END_TEXT|>' },
]
const readingsOf = keptBy((syntaxes: Wire['callSyntaxes']) => syntaxes.map((name) => readings[name]))
const markup = keptBy((syntaxes: readonly CallReading[]) => markupsOf([...ownMarkup, ...markupOf(syntaxes, false)]))
const forbiddenMarkup = keptBy((syntaxes: readonly CallReading[]) =>
  markupsOf([...ownMarkup, ...markupOf(syntaxes, true)]),
)

export interface Counterpart {
  readonly wire: Wire
  readonly upstream: Upstream
  readonly manners: Manners
}

/** @throws ServeError for what this upstream cannot do */
export function planOf(request: CompletionRequest, namespace: string, counterpart: Counterpart): ChatPlan {
  const { wire, upstream, manners } = counterpart
  const { toolChoice } = request
  const tools = toolChoice.type === 'none' ? [] : request.tools
  const forced = tools.length > 0 && (toolChoice.type === 'required' || toolChoice.type === 'function')
  const thinking =
    request.thinking.enabled && upstream.thinking !== false && !(forced && wire.forcesCallsWithoutThinking)
  // A forced call leaves no room for a format (contract C59).
  const format: ResponseFormat = forced ? { type: 'text' } : request.format
  const only = forced && toolChoice.type === 'function' ? toolChoice.name : undefined
  const single = only !== undefined || !request.parallelToolCalls
  const prefix = prefixOf(request)
  const json = format.type === 'text' ? undefined : jsonPromise(format, false)
  const judge = judgeOf(tools, only)
  // Where tools were offered, the model may fall into any syntax; else only its own is never text.
  const syntaxes = request.tools.length > 0 ? allReadings : readingsOf(wire.callSyntaxes)
  const openers = tools.length > 0 ? openersOf(syntaxes) : []
  if (request.logprobs && tools.length > 0 && wire.logprobsWithoutTools)
    throw new ServeError({
      code: 'unsupported-parameter',
      message: `'logprobs' is not supported beside 'tools' by this model.`,
      param: 'logprobs',
    })
  const content = { thinking: { ...request.thinking, enabled: thinking }, tools, format }

  return {
    thinking,
    forced,
    isJson: json !== undefined,
    face: request.messages.some((message) => message.role === 'assistant' && message.prefix) ? 'prefix' : 'chat',
    body: encodeRequest(request, content, { wire, upstream, namespace }),
    assembly: (last, from) =>
      createAssembly({
        thinking,
        calls: tools.length > 0,
        single,
        judge,
        last,
        ...(from && { from }),
        ...(json && prefix.text === '' && { isAsked: (text: string) => fits(text, json.problemOf) }),
      }),
    border: () => {
      if (!wire.leaksReasoning) return untouched
      const late = lateClose({
        tags: thinkTags,
        thinking,
        manners,
        thinks: upstream.thinking === true,
        obeys: wire.switchesThinking,
      })
      return { ...late, step: chain(unifyReasoning(thinkTags, { calls: tools.length > 0 }), late.step) }
    },
    steps: (last) =>
      inRow([
        beforeCalls(
          inRow([
            ...(openers.length > 0 ? [callsEndReasoning(openers)] : []),
            splitReasoning({
              tags: thinkTags,
              thinking,
              starts: 'answer',
              callOpeners: openers,
            }),
            guardLoop({ last }),
            ...(tools.length > 0 && (forced || !json)
              ? [bareCalls({ names: tools.map(({ name }) => name), forced, only, ...hermes })]
              : []),
            ...(tools.length ? [parseCalls({ syntaxes, schemas: schemasOf(tools), single, judge, last })] : []),
          ]),
        ),
        removeMarkup(request.tools.length > tools.length ? forbiddenMarkup(syntaxes) : markup(syntaxes)),
        ...(wire.trimsNewlines && upstream.thinking !== false
          ? [trimNewlines({ reasoning: prefix.reasoning !== '', text: prefix.text !== '' })]
          : []),
        dropEndMarks(),
        cutAtStop(request.stop),
        ...(forced ? [guardCalls({ last })] : []),
        // No upstream is trusted with a format: nothing is shown before it was checked, since none can go on from a part of it.
        ...(json
          ? [guardJson({ ...json, shows: 'whole', resumes: false, calls: tools.length > 0, prefix: prefix.text, last })]
          : []),
        guardEmpty({ last }),
      ]),
  }
}

export const untouched: LateClose = { step: (part) => [part], holds: () => false, release: () => [] }

function fits(text: string, problemOf: (value: unknown) => string | undefined): boolean {
  try {
    return problemOf(JSON.parse(text)) === undefined
  } catch {
    return false
  }
}
