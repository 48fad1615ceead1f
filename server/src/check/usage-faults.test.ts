import { expect, test } from 'vitest'
import { disagreements, missingCounts } from './usage-faults.ts'

const usage = {
  prompt_tokens: 12,
  completion_tokens: 20,
  total_tokens: 32,
  prompt_cache_hit_tokens: 4,
  prompt_cache_miss_tokens: 8,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0, text_tokens: 12 },
  completion_tokens_details: { reasoning_tokens: 8, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
}

test('a whole usage has no faults', () => {
  expect([...missingCounts(usage), ...disagreements(usage)]).toEqual([])
})

test.each([
  [{ total_tokens: 33 }, 'total 33 is not 12 + 20'],
  [{ prompt_cache_miss_tokens: 9 }, 'cache hit 4 + miss 9 is not 12'],
  [{ prompt_tokens_details: { cached_tokens: 5 } }, 'cached_tokens 5 does not fit'],
  [{ completion_tokens_details: { reasoning_tokens: 21 } }, 'reasoning_tokens 21 is more than 20'],
  [{ prompt_tokens: '12' }, 'prompt_tokens, completion_tokens or total_tokens is missing'],
])('%j disagrees', (more, fault) => {
  expect(disagreements({ ...usage, ...more })).toEqual([fault])
})

test('counts that are missing, null or no whole numbers are named', () => {
  expect(
    missingCounts({ ...usage, prompt_cache_hit_tokens: null, prompt_tokens_details: { cached_tokens: 0.5 } }),
  ).toEqual([
    'no prompt_cache_hit_tokens, prompt_tokens_details.cached_tokens, prompt_tokens_details.audio_tokens, prompt_tokens_details.text_tokens',
  ])
})
