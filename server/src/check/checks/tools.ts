import { validatorOf } from '../../completion/json-schema.ts'
import { type Area, broken, type Check, cannotTell, judged, kept, notOffered, tried, type Verdict } from '../check.ts'
import type { Answer } from '../exchange.ts'
import type { Fields, Probe } from '../probe.ts'
import { isStream, type Said, type SaidCall, saidIn, streamIn } from '../reading.ts'
import { afterCall, named, strictTool, user, weather } from '../samples.ts'
import { guarded, withoutThinking, withoutTools } from '../statuses.ts'
import { fragmentFaults } from '../stream-faults.ts'
import { isObject, parsed, shown } from '../wire-json.ts'

const question = { messages: user('What is the weather in Oslo? Use the tool.'), tools: [weather] }
const markup = /<\/?tool_call|<function=|<\|tool|｜DSML｜|\[TOOL_CALLS\]|<｜tool/

const ask = async (probe: Probe, fields: Fields, nth: number) => {
  const answer = await probe.chat({ ...probe.survey.quiet, max_tokens: probe.survey.room, ...fields }, { nth })
  return { answer, said: saidIn(answer) }
}

const argumentsFault = (calls: readonly SaidCall[]): string | undefined => {
  for (const { arguments: given } of calls) {
    if (typeof given !== 'string') return `arguments are ${shown(given)}, not a string`
    if (!isObject(parsed(given))) return `arguments are no JSON object: ${shown(given)}`
  }
  return undefined
}

/** What every answer with calls must be, whoever chose them. */
function callsFaults({ calls, finishReason, content }: Said): string[] {
  const ids = calls.map((call) => call.id)
  const fault = argumentsFault(calls)
  return [
    ...(fault === undefined ? [] : [fault]),
    ...(ids.every((id) => typeof id === 'string' && id !== '') && new Set(ids).size === ids.length
      ? []
      : ['calls have no ids of their own']),
    ...(finishReason === 'tool_calls' ? [] : [`finish_reason is ${shown(finishReason)}`]),
    ...(markup.test(content) ? ['call markup in the content'] : []),
  ]
}

/** Both modes of a request that must end in calls. */
const forced = (fields: Fields, judge: (said: Said) => readonly string[]): Check['run'] =>
  guarded(withoutTools, (probe) =>
    tried(async (nth) => {
      for (const stream of [false, true]) {
        const { answer, said } = await ask(probe, { ...question, ...fields, stream }, nth)
        if (answer.status === 400 && !stream) return notOffered('it refuses that tool_choice with 400')
        if (isOwnedUp(answer)) return cannotTell('the model made no valid call, and the server says so')
        if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
        if (said.finishReason === 'length') return cannotTell('the limit came before the call')
        const faults = said.calls.length === 0 ? ['no call'] : [...callsFaults(said), ...judge(said)]
        if (faults.length > 0) return judged(faults)
      }
      return kept
    }),
  )

/** Contract C52, C58: what cannot be made valid is an error that says so, never passed on. */
export function isOwnedUp(answer: Answer): boolean {
  if (answer.status === 200) return isStream(answer) && codeIn(streamIn(answer).error) === 'generation_failed'
  const body = parsed(answer.text)
  return answer.status === 500 && isObject(body) && codeIn(body.error) === 'invalid_model_output'
}
const codeIn = (error: unknown): unknown => (isObject(error) ? error.code : undefined)

const auto: Check = {
  id: 'T69',
  title: 'a call that the model chooses comes as a call, with arguments that are a JSON object',
  contract: 'C48, C53',
  run: guarded(withoutTools, (probe) =>
    tried(async (nth) => {
      for (const stream of [false, true]) {
        const { answer, said } = await ask(probe, { ...question, tool_choice: 'auto', stream }, nth)
        if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
        if (markup.test(said.content)) return broken('call markup in the content')
        if (said.calls.length === 0) {
          if (said.finishReason === 'tool_calls') return broken('finish_reason is "tool_calls" without a call')
          return cannotTell('the model calls nothing')
        }
        const faults = callsFaults(said).filter(() => said.finishReason !== 'length')
        if (faults.length > 0) return judged(faults)
      }
      return kept
    }),
  ),
}

const none: Check = {
  id: 'T66',
  title: 'tool_choice "none": no call, and no markup of one',
  contract: 'C45',
  run: guarded(withoutTools, async (probe) => {
    for (const stream of [false, true]) {
      const { answer, said } = await ask(probe, { ...question, tool_choice: 'none', stream }, 0)
      if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
      if (said.calls.length > 0) return broken('there are calls')
      if (markup.test(said.content)) return broken('call markup in the content')
    }
    return kept
  }),
}

const song = { messages: user('Sing me a song about nothing.') }

const withThinking: Check = {
  id: 'T67',
  title: 'a forced call works while thinking is on',
  contract: 'C46',
  run: guarded(
    (probe) => withoutTools(probe) ?? withoutThinking(probe),
    (probe) =>
      tried(async (nth) => {
        const fields = { ...song, tools: [weather], tool_choice: 'required', max_tokens: 2_048 }
        const answer = await probe.chat({ ...fields, thinking: { type: 'enabled' } }, { nth })
        const said = saidIn(answer)
        if (isOwnedUp(answer)) return cannotTell('the model made no valid call, and the server says so')
        if (!said) return broken(`${answer.trouble ?? answer.status} instead of a call`)
        if (said.finishReason === 'length') return cannotTell('the limit came before the call')
        return said.calls.length === 0 ? broken('no call') : judged(callsFaults(said))
      }),
  ),
}

const fitsStrict = validatorOf(strictTool.function.parameters)
const strictFields = { messages: user('Book a table for four in the garden.'), tools: [strictTool] }

const strict: Check = {
  id: 'C52',
  title: 'arguments of a strict function fit its schema',
  contract: 'C52',
  run: forced({ ...strictFields, tool_choice: 'required' }, ({ calls }) =>
    calls.flatMap(({ arguments: given }) => {
      const fault = fitsStrict(parsed(String(given)))
      return fault === undefined ? [] : [fault.replace(/\.$/, '')]
    }),
  ),
}

const single: Check = {
  id: 'T73',
  title: 'parallel_tool_calls: false gives at most one call',
  contract: 'section 2',
  run: forced(
    {
      messages: user('What is the weather in Oslo and in Rome? Use the tool for each.'),
      tool_choice: 'required',
      parallel_tool_calls: false,
    },
    ({ calls }) => (calls.length > 1 ? [`${calls.length} calls`] : []),
  ),
}

const parallel: Check = {
  id: 'T70',
  title: 'calls in a stream: id, type and name once, then arguments, indexes in order',
  contract: 'C79',
  run: guarded(withoutTools, (probe) =>
    tried(async (nth) => {
      const messages = user('What is the weather in Oslo and in Rome? Use the tool for each.')
      const { answer, said } = await ask(
        probe,
        { messages, tools: [weather], tool_choice: nth === 0 ? 'auto' : 'required', stream: true },
        nth,
      )
      if (!said || said.calls.length === 0) return cannotTell('the model calls nothing')
      return judged(fragmentFaults(streamIn(answer)))
    }),
  ),
}

const ids: Check = {
  id: 'C47',
  title: 'ids of calls are call_ and 24 hex digits',
  contract: 'C47',
  run: guarded(withoutTools, async (probe): Promise<Verdict> => {
    const { said } = await ask(probe, { ...question, tool_choice: 'required' }, 0)
    const id = said?.calls[0]?.id
    if (id === undefined) return cannotTell('the model calls nothing')
    return /^call_[0-9a-f]{24}$/.test(String(id)) ? kept : broken(`one is ${shown(id)}`)
  }),
}

const afterResult: Check = {
  id: 'C25',
  title: 'after the result of a tool the model answers',
  contract: 'section 4',
  run: guarded(withoutTools, async (probe) => {
    const { answer, said } = await ask(probe, { messages: afterCall(), tools: [weather] }, 0)
    if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
    if (markup.test(said.content)) return broken('call markup in the content')
    return said.content.trim() !== '' || said.calls.length > 0 ? kept : cannotTell('the answer is empty')
  }),
}

export const tools: Area = {
  name: 'Tools',
  checks: [
    auto,
    none,
    {
      id: 'C46',
      title: 'tool_choice "required" gives a call, whatever was asked',
      contract: 'C46, C53',
      run: forced({ ...song, tool_choice: 'required' }, () => []),
    },
    {
      id: 'C44',
      title: 'a named function is called, once',
      contract: 'C44, C46, C53',
      run: forced({ ...song, tools: [weather, strictTool], tool_choice: named('get_weather') }, ({ calls }) => [
        ...(calls.length === 1 ? [] : [`${calls.length} calls`]),
        ...(calls[0]?.name === 'get_weather' ? [] : [`another function: ${shown(calls[0]?.name)}`]),
      ]),
    },
    withThinking,
    strict,
    single,
    parallel,
    ids,
    afterResult,
  ],
}
