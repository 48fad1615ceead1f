import { type Area, broken, type Check, cannotTell, judged, kept, tried } from '../check.ts'
import type { Fields, Probe } from '../probe.ts'
import { isStream, type Said, saidIn, streamIn } from '../reading.ts'
import { user } from '../samples.ts'
import { guarded, withoutThinking } from '../statuses.ts'
import { at, isObject, parsed, shown } from '../wire-json.ts'

const room = { max_tokens: 2_048 }
const tags = /<\/?think>/

/** One answer in each mode, and what came. */
async function both(probe: Probe, fields: Fields) {
  const answers = [await probe.chat({ ...room, ...fields }), await probe.chat({ ...room, ...fields, stream: true })]
  return answers.map((answer) => ({ answer, said: saidIn(answer), hasKey: hasReasoningKey(answer) }))
}

/** Whether the key is there at all, null included. */
function hasReasoningKey(answer: Parameters<typeof saidIn>[0]): boolean {
  const messages = isStream(answer)
    ? streamIn(answer).chunks.map((chunk) => at(chunk, 'choices', 0, 'delta'))
    : [at(parsed(answer.text), 'choices', 0, 'message')]
  return messages.some((message) => isObject(message) && ('reasoning_content' in message || 'reasoning' in message))
}

const on: Check = {
  id: 'T52',
  title: 'thinking is on unless it is switched off, and comes as reasoning_content',
  contract: 'C31, C34',
  run: guarded(withoutThinking, async (probe) => {
    const faults: string[] = []
    for (const [say, thinking] of [
      ['absent', undefined],
      ['{}', {}],
      ['enabled', { type: 'enabled' }],
    ] as const)
      for (const { answer, said } of await both(probe, { thinking })) {
        if (!said) faults.push(`thinking ${say}: ${answer.trouble ?? answer.status}`)
        else if (said.reasoning === undefined) faults.push(`thinking ${say}: no reasoning_content`)
      }
    return judged([...new Set(faults)])
  }),
}

const off: Check = {
  id: 'T53',
  title: 'thinking switched off gives no reasoning, and no key for it',
  contract: 'C34',
  run: (probe) => switchedOff(probe, { thinking: { type: 'disabled' } }).then((faults) => judged([...new Set(faults)])),
}

const effortNone: Check = {
  id: 'T54',
  title: 'reasoning_effort "none" switches thinking off, and "disabled" wins over any effort',
  contract: 'C31',
  run: async (probe) =>
    judged([
      ...new Set([
        ...(await switchedOff(probe, { reasoning_effort: 'none' })),
        ...(await switchedOff(probe, { thinking: { type: 'disabled' }, reasoning_effort: 'high' })),
      ]),
    ]),
}

async function switchedOff(probe: Probe, fields: Fields): Promise<string[]> {
  const faults: string[] = []
  for (const { answer, said, hasKey } of await both(probe, fields)) {
    const reasoned = at(said?.usage, 'completion_tokens_details', 'reasoning_tokens')
    if (!said) faults.push(`${shown(fields)}: ${answer.trouble ?? answer.status}`)
    else if (said.reasoning) faults.push(`${shown(fields)}: it thinks all the same`)
    else if (tags.test(said.content)) faults.push(`${shown(fields)}: it thinks in the content`)
    else if (hasKey) faults.push(`${shown(fields)}: the key is there, empty or null`)
    if (reasoned !== undefined && reasoned !== 0)
      faults.push(`${shown(fields)}: reasoning_tokens is ${shown(reasoned)}`)
  }
  return faults
}

const efforts: Check = {
  id: 'T55',
  title: 'every effort of the contract is taken',
  contract: 'C32',
  async run(probe) {
    const faults: string[] = []
    for (const effort of ['minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra']) {
      const answer = await probe.chat({ reasoning_effort: effort, max_tokens: 4 }, { onlyStatus: true })
      if (answer.status !== 200) faults.push(`${effort}: ${answer.trouble ?? answer.status}`)
    }
    return judged(faults)
  },
}

const apart: Check = {
  id: 'C35',
  title: 'reasoning and answer are kept apart: no <think> in either',
  contract: 'C35',
  run: guarded(withoutThinking, (probe) =>
    tried(async (nth) => {
      const messages = user(['What is 17 + 25?', 'Count from 1 to 5.', 'Hello!'][nth] ?? '')
      const faults = new Set<string>()
      let answered = false
      for (const { said } of await both(probe, { messages })) {
        if (!said) continue
        if (tags.test(said.content)) faults.add('<think> in the content')
        if (tags.test(said.reasoning ?? '')) faults.add('<think> in the reasoning')
        if (isSwallowed(said)) faults.add('the whole answer came as reasoning')
        answered ||= said.content.trim() !== ''
      }
      if (faults.size > 0) return judged([...faults])
      return answered ? kept : cannotTell('the model thought until the limit')
    }),
  ),
}

const isSwallowed = ({ content, reasoning, finishReason }: Said): boolean =>
  content.trim() === '' && (reasoning ?? '').includes('</think>') && finishReason === 'stop'

const counted: Check = {
  id: 'C84',
  title: 'reasoning is counted: in reasoning_tokens, and against the limit',
  contract: 'C14, C84',
  run: guarded(withoutThinking, async (probe) => {
    const answer = await probe.chat({ max_tokens: 8, messages: user('What is 17 + 25?') })
    const said = saidIn(answer)
    if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
    if (!said.reasoning) return cannotTell('eight tokens gave no reasoning')
    const reasoned = at(said.usage, 'completion_tokens_details', 'reasoning_tokens')
    return judged([
      ...(Number(said.usage?.completion_tokens) <= 8 ? [] : [`${shown(said.usage?.completion_tokens)} tokens of 8`]),
      ...(Number(reasoned) > 0 ? [] : [`reasoning_tokens is ${shown(reasoned)}`]),
    ])
  }),
}

export const thinking: Area = { name: 'Thinking', checks: [on, off, effortNone, efforts, apart, counted] }
