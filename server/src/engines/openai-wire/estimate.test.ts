import { expect, test } from 'vitest'
import { tokensIn, tokensOfDelta } from './estimate.ts'

/** What the vocabularies of Llama 3, Qwen 2, Command R and Gemma make of it, the least and the most. */
const known: Record<string, readonly [text: string, least: number, most: number]> = {
  English: [
    'The settlement is on disk before the last event of the answer leaves. Whoever hangs up pays for what was generated, and nothing is charged twice.',
    29,
    29,
  ],
  code: [
    'export const sum = (values: readonly number[]): number => {\n  let total = 0\n  for (const value of values) total += value\n  return total\n}\n',
    36,
    40,
  ],
  JSON: ['{"name": "get_weather", "arguments": {"city": "Berlin", "unit": "celsius", "days": 3}}', 29, 30],
  German: [
    'Wer auflegt, bezahlt für das, was bis dahin geschrieben wurde; niemand wird zweimal zur Kasse gebeten.',
    24,
    29,
  ],
  Russian: ['Запись на диске появляется раньше, чем последнее событие ответа уходит к клиенту.', 18, 27],
  Chinese: ['结算在答案的最后一个事件发出之前写入磁盘。挂断的人只为已经生成的内容付费，不会重复收费。', 25, 33],
  Japanese: ['回答の最後のイベントが送られる前に、精算はディスクに書き込まれます。', 18, 24],
  Korean: ['답변의 마지막 이벤트가 나가기 전에 정산이 디스크에 기록됩니다.', 18, 24],
}

test.each(Object.entries(known))('%s: within a quarter of what real vocabularies say', (_, [text, least, most]) => {
  expect(tokensIn(text)).toBeGreaterThan(least * 0.75)
  expect(tokensIn(text)).toBeLessThan(most * 1.25)
})

test('a long text is judged by pieces of it, and comes out as the whole would', () => {
  const all = Object.values(known)
    .map(([text]) => text)
    .join('\n')
  const once = tokensIn(all)
  expect(tokensIn(all.repeat(100)) / (100 * once)).toBeCloseTo(1, 1)
})

test('a delta that can be one token is one; what cannot is estimated', () => {
  for (const one of [' the', '你好', '\n\n', ' internationally', '']) expect(tokensOfDelta(one)).toBe(1)
  expect(tokensOfDelta('The whole answer at once, as some proxies send it.')).toBeGreaterThan(8)
  expect(tokensOfDelta('你好，世界')).toBeGreaterThan(2)
})
