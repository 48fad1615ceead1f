import { ServeError } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import type { CompletionRequest, Effort, Thinking } from '../../completion/request.ts'
import type { Alias, Model } from '../../engines/catalog.ts'
import { unsupported } from './decode/refused.ts'
import type { ChatBody, EffortWord } from './decode.ts'

/**
 * What a checked body means for one model: silence becomes the model's or the contract's default.
 * @throws ServeError `unsupported-parameter` when the model cannot give what was asked for
 */
export function toCompletion(
  body: ChatBody,
  model: Model,
  alias: Alias | undefined,
  limits: Pick<Limits, 'defaultMaxTokens'>,
): CompletionRequest {
  if (body.logprobs && !model.canLogprobs)
    unsupported('logprobs', `'logprobs' is not supported by the model '${model.id}'.`)
  requireRoom(body, model)
  const thinking = thinkingFor(body, model, alias)
  return {
    model: model.id,
    messages: body.messages,
    thinking,
    maxTokens: Math.min(body.maxTokens ?? defaultMaxTokens(thinking, limits), model.maxOutput),
    ...(body.maxTokens === undefined && { maxTokensByDefault: true }),
    contextWindow: model.contextWindow,
    sampling: {
      temperature: body.temperature,
      topP: body.topP,
      ...(body.seed !== undefined && { seed: body.seed }),
      ...(model.samplesAsAsked && { always: true }),
    },
    stop: body.stop,
    tools: body.tools,
    toolChoice: body.toolChoice,
    parallelToolCalls: body.parallelToolCalls,
    format: body.format,
    ...(body.logprobs && { logprobs: body.logprobs }),
  }
}

/** UTF-16 units of one token: no vocabulary has any so long. */
const tokenLengthMax = 512

/**
 * What cannot fit is refused before anybody writes a prompt of it, waits in line with it, or counts it: megabytes of prompt would keep
 * the event loop busy for seconds. Every turn is at least the token that opens it (system messages may leave nothing), and no template
 * leaves out what a message says or what a tool is for.
 * @throws ServeError `context-too-long`
 */
function requireRoom({ messages, tools, toolChoice }: ChatBody, { contextWindow }: Model): void {
  const turns = messages.filter(({ role }) => role !== 'system').length
  const told = toolChoice.type === 'none' ? [] : tools.map(({ description = '' }) => description)
  const texts = [...messages.map(({ content }) => content), ...told]
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  const tokens = Math.max(turns, Math.ceil(length / tokenLengthMax))
  if (tokens < contextWindow) return
  const message = `This model's maximum context length is ${contextWindow} tokens. Your messages have at least ${tokens} tokens. Please shorten the messages.`
  throw new ServeError({ code: 'context-too-long', message, param: 'messages' })
}

/** Contract C32. `none` beside thinking that something stronger switched on means the usual level. */
const levels: Record<EffortWord, Effort> = {
  none: 'high',
  minimal: 'low',
  low: 'low',
  medium: 'high',
  high: 'high',
  xhigh: 'max',
  max: 'max',
  ultra: 'max',
}

/** Contract C31: the request's own switch, then the alias, then the wished effort, then what the model does by itself. */
function thinkingFor(body: ChatBody, model: Model, alias: Alias | undefined): Thinking {
  const asked = body.thinking === undefined ? undefined : body.thinking === 'enabled'
  const byEffort = body.effort === undefined ? undefined : body.effort !== 'none'
  const enabled = asked ?? alias?.thinking ?? byEffort ?? model.thinkingByDefault
  return { enabled: enabled && model.canThink, effort: levels[body.effort ?? 'high'] }
}

function defaultMaxTokens(thinking: Thinking, { defaultMaxTokens }: Pick<Limits, 'defaultMaxTokens'>): number {
  if (!thinking.enabled) return defaultMaxTokens.thinkingOff
  return thinking.effort === 'max' ? defaultMaxTokens.effortMax : defaultMaxTokens.thinkingOn
}
