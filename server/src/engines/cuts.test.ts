import { describe, expect, test } from 'vitest'
import { requestOf } from '../../test/replicas.ts'
import { scriptedFacts } from '../../test/scripted-engine.ts'
import type { CompletionRequest } from '../completion/request.ts'
import { isEnding, naturalEnd, type Part, type PartStep } from '../completion/steps/part.ts'
import { tell } from '../completion/steps/steps-fixture.ts'
import { openai } from './openai.ts'
import { createManners } from './openai-wire/late-close.ts'
import { planOf as chatPlanOf } from './openai-wire/plan.ts'
import { dialectOf } from './raw/dialect.ts'
import { planOf as rawPlanOf } from './raw/plan.ts'
import { promptWriter } from './raw/prompt.ts'

/** All that a client can see of an answer, with its text joined. */
type Seen = Pick<ReturnType<typeof tell>, 'reasoning' | 'text' | 'calls' | 'ending'>

const seen = ({ reasoning, text, calls, ending }: ReturnType<typeof tell>): Seen => ({ reasoning, text, calls, ending })

const parameters = {
  type: 'object',
  properties: { a: { type: 'integer' }, t: { type: 'string' } },
  additionalProperties: false,
}
const schema = { ...parameters, required: ['a'] }
const tools = { tools: [{ name: 'f', strict: false, parameters }], toolChoice: { type: 'auto' } } as const
const strict = { type: 'json_schema', name: 's', schema, strict: true } as const

const requests: Record<string, Partial<CompletionRequest>> = {
  text: { stop: ['END', '😀!'] },
  tools: { ...tools, stop: ['END'] },
  'one call': { ...tools, parallelToolCalls: false },
  'a call': { ...tools, toolChoice: { type: 'required' } },
  'no call': { ...tools, toolChoice: { type: 'none' } },
  json: { format: { type: 'json_object' } },
  schema: { format: strict, stop: ['END'] },
  'schema or calls': { ...tools, format: strict },
}

const json = '{"a": 12, "t": "é\\u00e9 😀"}'
const hermes = '<tool_call>\n{"name": "f", "arguments": {"a": "1"}}\n</tool_call>'
const dsml = (space: string) =>
  `<｜DSML｜${space}tool_calls>\n<｜DSML｜${space}invoke name="f">\n<｜DSML｜${space}parameter name="t" string="true">x<y</｜DSML｜${space}parameter>\n</｜DSML｜${space}invoke>\n</｜DSML｜${space}tool_calls>`
const texts = [
  '<think>\nHm 😀.\n</think>\n\nHi!\n\nBye EN and END of it.',
  'Late.</think>Hi 😀! and',
  `Never closed, ${hermes}`,
  `<think>a</think>\n<think>b</think>Now.\n\n${hermes}\n${hermes} and`,
  `Ok.\n\n${dsml('')}`,
  `x</think>${dsml(' ')}`,
  'Ok. <tool_call><function=f>\n<parameter=t>\n1\n</parameter>\n</function></tool_call>',
  '<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>',
  'See [TOOL_CALLS] and [TOOL_CALLS]f[ARGS]{"a": 1}',
  '<|python_tag|>{"name": "f", "parameters": {}}',
  '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a":1}<｜tool▁call▁end｜>',
  '<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_end|>',
  '<tool_call>{"name": "f", "arguments": [1]}</tool_call> text',
  '[f(a=1, t="é")]',
  '{"name": "f", "parameters": {"a": 1}}<|im_end|>',
  '<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Hi END<|return|>',
  'Ok.<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>',
  '[THINK]Hm[/THINK]Hi!',
  json,
  `<think>x</think>\n${json}\n`,
  `\`\`\`json\n${json}\n\`\`\`\nI hope this helps.`,
  `${json.slice(0, -1)}, "b": 1}`,
  '{"a": 1, "t": "END"}',
  '{"a": "x"}',
  'Sure: {}',
  '',
  '\n\n',
]

/** Every cut in two; every character by itself; and pieces of some lengths. */
function* cutsOf(text: string): Generator<readonly string[]> {
  const characters = [...text]
  const pieces = (length: number, offset = 0) => [
    characters.slice(0, offset).join(''),
    ...Array.from({ length: Math.ceil((characters.length - offset) / length) }, (_, i) =>
      characters.slice(offset + i * length, offset + (i + 1) * length).join(''),
    ),
  ]
  for (let at = 1; at < characters.length; at++) yield [characters.slice(0, at).join(''), characters.slice(at).join('')]
  for (const length of [1, 3, 7]) yield pieces(length)
  yield pieces(5, 2)
}

const filled = (pieces: readonly string[]) => pieces.filter((piece) => piece !== '')

const templates = {
  'deepseek-v4': scriptedFacts.chatTemplate,
  hermes: `{{ '<think>' }}{% for m in messages %}{{ m.content }}{% endfor %}<tool_call>{"name": n, "arguments": a}`,
}

function rawSteps(chatTemplate: string, constrains: boolean, request: Partial<CompletionRequest>, last: boolean) {
  const facts = { ...scriptedFacts, chatTemplate, constrains }
  const dialect = dialectOf(facts)
  const plan = rawPlanOf(
    requestOf({ thinking: { enabled: true, effort: 'high' }, ...request }),
    dialect,
    facts,
    promptWriter(facts, dialect),
    1_000,
  )
  return () => plan.steps(last)
}

const upstream = {
  id: 'u',
  url: 'http://127.0.0.1',
  model: 'm',
  concurrency: 1,
  contextWindow: 1_000,
  maxOutput: 1_000,
  thinking: true,
  logprobs: false,
}

/** What comes of the deltas of a chat API; `reasoned`: that many of the first come as reasoning. */
function chatSteps(request: Partial<CompletionRequest>, last: boolean) {
  return (reasoning: readonly string[], content: readonly string[]): Seen => {
    const asked = requestOf({ thinking: { enabled: true, effort: 'high' }, ...request })
    const plan = chatPlanOf(asked, 'n', { wire: openai, upstream, manners: createManners(() => undefined) })
    const assembly = plan.assembly(last)
    const border = plan.border()
    const step = plan.steps(last)
    const parts: Part[] = []
    const take = (given: readonly Part[]) => {
      for (const part of given.flatMap(border.step)) if (!parts.some(isEnding)) parts.push(...step(part))
    }
    for (const text of reasoning) take(assembly.read({ type: 'reasoning', text }, 1))
    for (const text of content) take(assembly.read({ type: 'text', text }, 1))
    take(assembly.end('stop'))
    return seen(tell(replay(parts), ['']))
  }
}

/** Lets parts that are known be told as those of a step. */
function replay(parts: readonly Part[]): PartStep {
  return (part) => (part.type === 'ended' ? (parts.some(isEnding) ? parts : [...parts, naturalEnd]) : [])
}

describe.each(Object.entries(requests))('asked for %s', (_, request) => {
  test.each(texts)('a token engine says one thing, wherever it is cut: %j', (text) => {
    for (const [template, constrains, last] of [
      [templates.hermes, false, true],
      [templates['deepseek-v4'], true, true],
      [templates.hermes, true, false],
    ] as const) {
      const start = rawSteps(template, constrains, request, last)
      const whole = seen(tell(start(), filled([text])))
      for (const pieces of cutsOf(text)) expect(seen(tell(start(), filled(pieces)))).toEqual(whole)
    }
  })

  test('an opener that people write too does not end the reasoning', () => {
    const words = 'They write <function=f> or [TOOL_CALLS] there.'
    const forced = request.toolChoice?.type === 'required' || request.toolChoice?.type === 'function'
    const plain = { reasoning: words, text: forced ? '' : 'Hi!' }
    expect(chatSteps(request, true)([words], ['Hi!'])).toMatchObject(
      request.format || request.toolChoice?.type === 'none' ? { calls: [] } : plain,
    )
  })

  test.each(texts)('a chat engine says one thing, in its content or its reasoning: %j', (text) => {
    const say = chatSteps(request, true)
    const inContent = say([], filled([text]))
    const inReasoning = say(filled([text]), [])
    for (const pieces of cutsOf(text)) {
      expect(say([], filled(pieces))).toEqual(inContent)
      expect(say(filled(pieces), [])).toEqual(inReasoning)
    }
    for (const { text: said, ending } of [inContent, inReasoning])
      if (request.format && ending?.type === 'ended' && ending.matchedStop === null && said !== '')
        expect(JSON.parse(said)).toBeTypeOf('object')
    const first = chatSteps(request, false)
    expect(first([], [...text])).toEqual(first([], filled([text])))
  })
})
