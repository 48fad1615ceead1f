import { expect, test } from 'vitest'
import type { EngineLook } from './contract.ts'
import { together } from './engines-together.ts'

const well: EngineLook = {
  id: 'a',
  kind: 'vllm',
  face: 'raw',
  url: 'http://10.0.0.5:8000',
  model: 'm',
  models: ['m'],
  state: 'well',
  drained: false,
  breaker: { state: 'closed', cause: null, retryInMs: null },
  slots: 8,
  running: 2,
  waiting: 0,
  others: 5,
  contextWindow: 4_096,
  maxOutput: 4_096,
  canThink: true,
  canLogprobs: false,
  lastErrors: [],
  check: null,
  checking: false,
}
const errorAt = (second: number) => ({
  at: `2026-11-29T12:00:${String(second).padStart(2, '0')}.000Z`,
  code: 'engine-lost',
  message: 'It went away.',
  requestId: `req_${second}`,
})

test('what one process sees stays as it is', () => {
  expect(together([[well, { ...well, id: 'b' }]])).toEqual([well, { ...well, id: 'b' }])
})

test('requests of all processes add up, those of others do not, and the worst state is shown with its reason', () => {
  const breaker = { state: 'open', cause: 'away', retryInMs: 900 } as const
  const bad: EngineLook = { ...well, state: 'left-alone', breaker, running: 3, waiting: 1, others: 6 }
  expect(together([[well], [bad], [well]])).toEqual([{ ...bad, slots: 24, running: 7, waiting: 1, others: 6 }])
})

test('the latest errors of all come first, ten of them', () => {
  const lastErrorsOf = (seconds: readonly number[]) => ({ ...well, lastErrors: seconds.map(errorAt) })
  const [look] = together([[lastErrorsOf([40, 30, 20, 10, 5, 1])], [lastErrorsOf([35, 25, 15, 9, 8, 7])]])
  expect(look?.lastErrors).toEqual([40, 35, 30, 25, 20, 15, 10, 9, 8, 7].map(errorAt))
})
