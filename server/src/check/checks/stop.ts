import { type Area, broken, type Check, cannotTell, kept, tried, type Verdict } from '../check.ts'
import type { Probe } from '../probe.ts'
import { type Said, saidIn } from '../reading.ts'
import { user } from '../samples.ts'
import { guarded, withoutThinking } from '../statuses.ts'
import { shown } from '../wire-json.ts'

const prompts = ['Count from 1 to 20.', 'Tell me a story about a fox.', 'List three fruits.']

interface Stopped {
  readonly stop: string
  readonly before: string
  readonly said: Said
}

/**
 * Has the model say something, and then the same once more with a piece of it for a stop: so every model plays along.
 * @returns a verdict when it does not
 */
async function stopped(probe: Probe, stream: boolean, nth: number): Promise<Stopped | Verdict> {
  const fields = { ...probe.survey.quiet, messages: user(prompts[nth] ?? ''), temperature: 0, stream }
  const free = saidIn(await probe.chat({ ...fields, max_tokens: probe.survey.room }, { nth }))
  const stop = stopWithin(free?.content ?? '')
  if (stop === undefined) return cannotTell('the model says too little')
  const answer = await probe.chat({ ...fields, max_tokens: probe.survey.room, stop }, { nth })
  const said = saidIn(answer)
  if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
  return { stop, said, before: free?.content.split(stop)[0] ?? '' }
}

/** Three letters or so out of the middle, that do not stand there before. */
export function stopWithin(text: string): string | undefined {
  for (let from = Math.floor(text.length / 2); from + 3 <= text.length; from++) {
    const piece = text.slice(from, from + 3)
    if (piece.trim() === piece && piece.isWellFormed() && text.indexOf(piece) === from) return piece
  }
  return undefined
}

const isVerdict = (value: Stopped | Verdict): value is Verdict => 'verdict' in value

/** @param judge of an answer in which the model said again what it had said */
const ofStopped = (stream: boolean, judge: (stopped: Stopped) => Verdict): Check['run'] => {
  return (probe) =>
    tried(async (nth) => {
      const found = await stopped(probe, stream, nth)
      if (isVerdict(found)) return found
      const { stop, said, before } = found
      if (said.content.includes(stop)) return broken(`the text goes on through the stop ${shown(stop)}`)
      if (before !== said.content && !before.startsWith(said.content) && said.matchedStop !== stop)
        return cannotTell('the model says something else each time, also at temperature 0')
      return judge(found)
    })
}

const cut = ({ stop, said, before }: Stopped): Verdict => {
  if (said.content.length < before.length && before.startsWith(said.content))
    return said.finishReason === 'length'
      ? cannotTell('the limit came before the stop')
      : broken(`text before the stop ${shown(stop)} is missing`)
  if (leaks(said.content.slice(before.length), stop)) return broken(`a part of the stop ${shown(stop)} is in the text`)
  return said.finishReason === 'stop' ? kept : broken(`finish_reason is ${shown(said.finishReason)}`)
}

const leaks = (tail: string, stop: string): boolean => tail !== '' && stop.startsWith(tail)

const matched: Check = {
  id: 'C65',
  title: 'matched_stop is the stop that matched, and null at a natural end',
  contract: 'C65',
  async run(probe) {
    const natural = await probe.chat({ ...probe.survey.quiet, max_tokens: probe.survey.room, temperature: 0 })
    const end = saidIn(natural)
    if (end?.finishReason === 'stop' && end.matchedStop !== null)
      return broken(`it is ${shown(end.matchedStop)} at a natural end`)
    return ofStopped(true, ({ stop, said }) =>
      said.matchedStop === stop ? kept : broken(`it is ${shown(said.matchedStop)} for the stop ${shown(stop)}`),
    )(probe)
  },
}

const afterStop: Check = {
  id: 'C62',
  title: 'of several stops the one that comes first ends the answer',
  contract: 'C62',
  run: (probe) =>
    tried(async (nth) => {
      const found = await stopped(probe, false, nth)
      if (isVerdict(found)) return found
      const answer = await probe.chat(
        {
          ...probe.survey.quiet,
          messages: user(prompts[nth] ?? ''),
          temperature: 0,
          max_tokens: probe.survey.room,
          stop: ['\u{1F9EA}\u{1F9EA}', found.stop, ''],
        },
        { nth },
      )
      const said = saidIn(answer)
      if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
      if (said.content.includes(found.stop)) return broken(`the text goes on through the stop ${shown(found.stop)}`)
      return said.content === found.said.content ? kept : cannotTell('the model says something else each time')
    }),
}

const inReasoning: Check = {
  id: 'T84',
  title: 'a stop in the reasoning ends nothing',
  contract: 'C60',
  run: guarded(withoutThinking, (probe) =>
    tried(async (nth) => {
      const fields = { messages: user(prompts[nth] ?? ''), temperature: 0, max_tokens: 2_048 }
      const free = saidIn(await probe.chat(fields, { nth }))
      const stop = stopWithin(free?.reasoning ?? '')
      if (stop === undefined) return cannotTell('the model reasons too little')
      const answer = await probe.chat({ ...fields, stop }, { nth })
      const said = saidIn(answer)
      if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
      if (said.reasoning?.includes(stop)) return kept
      const isCut = said.content === '' && said.finishReason !== 'length'
      return isCut
        ? broken('the reasoning ends at the stop, and no answer follows')
        : cannotTell('the model reasons anew')
    }),
  ),
}

const partOfStop: Check = {
  id: 'C64',
  title: 'in a stream no part of a stop is ever sent',
  contract: 'C63, C64',
  run: ofStopped(true, cut),
}

export const stops: Area = {
  name: 'Stop',
  checks: [
    {
      id: 'T82',
      title: 'an answer ends before its stop, with finish_reason "stop"',
      contract: 'C60, C63',
      run: ofStopped(false, cut),
    },
    partOfStop,
    afterStop,
    matched,
    inReasoning,
  ],
}
