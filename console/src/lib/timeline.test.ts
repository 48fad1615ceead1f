import { expect, test } from 'vitest'
import type { Why } from '../../../server/src/completion/trace.ts'
import { en } from '../messages/en.ts'
import { zh } from '../messages/zh.ts'
import { phasesOf } from './timeline.ts'

test('a streamed answer: waiting, to the first token, answering', () => {
  expect(phasesOf({ queuedMs: 40, firstTokenMs: 100, durationMs: 900 })).toEqual([
    { name: 'waiting', fromMs: 0, toMs: 40 },
    { name: 'firstToken', fromMs: 40, toMs: 100 },
    { name: 'answering', fromMs: 100, toMs: 900 },
  ])
})

test('what never had a token, or never waited', () => {
  expect(phasesOf({ queuedMs: null, firstTokenMs: null, durationMs: 30 })).toEqual([
    { name: 'noToken', fromMs: 0, toMs: 30 },
  ])
  expect(phasesOf({ queuedMs: 50, firstTokenMs: null, durationMs: 30 })).toEqual([
    { name: 'waiting', fromMs: 0, toMs: 30 },
  ])
})

test.each([en, zh])(
  'each step of an attempt and each reason for an engine has words in every language',
  ({ requests }) => {
    for (const step of ['attempt', 'retry', 'resume', 'hedge', 'outraced', 'failed-attempt'])
      expect(requests.steps[step]).toEqual(expect.any(String))
    for (const why of ['only', 'prefix', 'load', 'retry', 'last-resort', 'hedge'] satisfies Why[])
      expect(requests.whys[why]).toEqual(expect.any(String))
  },
)
