import type { CompletionRequest, ResponseFormat } from '../../completion/request.ts'
import { cutAtStop } from '../../completion/steps/cut-at-stop.ts'
import { guardCalls } from '../../completion/steps/guard-calls.ts'
import { guardEmpty } from '../../completion/steps/guard-empty.ts'
import { guardJson } from '../../completion/steps/guard-json.ts'
import { parseCalls } from '../../completion/steps/parse-calls.ts'
import type { PartStep } from '../../completion/steps/part.ts'
import { removeMarkup } from '../../completion/steps/remove-markup.ts'
import { splitReasoning } from '../../completion/steps/split-reasoning.ts'
import { trimNewlines } from '../../completion/steps/trim-newlines.ts'
import { readings } from '../raw/dialect.ts'
import { inRow, jsonPromise, judgeOf, prefixOf } from '../raw/plan.ts'
import { type Assembly, createAssembly } from './assembly.ts'
import { beforeCalls } from './before-calls.ts'
import { callsEndReasoning } from './calls-end-reasoning.ts'
import { type ChatBody, encodeRequest } from './encode.ts'
import type { Upstream, Wire } from './wire.ts'

/** How one request is answered by a chat API. */
export interface ChatPlan {
  /** Whether this answer has reasoning; can be less than what was asked for (contract C34, C46). */
  readonly thinking: boolean
  readonly face: 'chat' | 'prefix'
  readonly body: ChatBody
  /** From what the upstream says to parts, begun anew for each run. `last`: no other run will follow. */
  readonly assembly: (last: boolean) => Assembly
  /** From parts to an answer. */
  readonly steps: (last: boolean) => PartStep
}

const thinkTags = { open: '<think>', close: '</think>' }

/** @throws ServeError for what this upstream cannot do */
export function planOf(request: CompletionRequest, wire: Wire, upstream: Upstream, namespace: string): ChatPlan {
  const { toolChoice } = request
  const tools = toolChoice.type === 'none' ? [] : request.tools
  const forced = tools.length > 0 && (toolChoice.type === 'required' || toolChoice.type === 'function')
  const thinking = request.thinking.enabled && upstream.thinking && !(forced && wire.forcesCallsWithoutThinking)
  // A forced call leaves no room for a format (contract C59).
  const format: ResponseFormat = forced ? { type: 'text' } : request.format
  const only = forced && toolChoice.type === 'function' ? toolChoice.name : undefined
  const single = only !== undefined || !request.parallelToolCalls
  const prefix = prefixOf(request)
  const json = format.type === 'text' ? undefined : jsonPromise(format, false)
  const judge = judgeOf(tools, only)
  const syntaxes = wire.callSyntaxes.map((name) => readings[name])
  const openers = tools.length > 0 ? syntaxes.map(({ opener }) => opener) : []
  const content = { thinking: { ...request.thinking, enabled: thinking }, tools, format }

  return {
    thinking,
    face: request.messages.some((message) => message.role === 'assistant' && message.prefix) ? 'prefix' : 'chat',
    body: encodeRequest(request, content, { wire, upstream, namespace }),
    assembly: (last) => createAssembly({ thinking, calls: tools.length > 0, single, judge, last }),
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
            ...(tools.length ? syntaxes.map((syntax) => parseCalls({ ...syntax, single, judge, last })) : []),
          ]),
        ),
        removeMarkup([
          { text: thinkTags.open },
          { text: thinkTags.close },
          ...syntaxes.flatMap(({ markup }) => markup),
        ]),
        ...(wire.trimsNewlines && upstream.thinking
          ? [trimNewlines({ reasoning: prefix.reasoning !== '', text: prefix.text !== '' })]
          : []),
        cutAtStop(request.stop),
        ...(forced ? [guardCalls({ last })] : []),
        // No upstream is trusted with a format: nothing is shown before it was checked.
        ...(json ? [guardJson({ hold: true, problemOf: json.problemOf, prefix: prefix.text, last })] : []),
        guardEmpty({ last }),
      ]),
  }
}
