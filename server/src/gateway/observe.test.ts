import { pino } from 'pino'
import { expect, test } from 'vitest'
import { callOf, failing, finished, requestOf, telling, text, told } from '../../test/replicas.ts'
import type { CompletionEvent } from '../completion/event.ts'
import { createMetrics } from '../lib/metrics.ts'
import { observe } from './observe.ts'

async function observed(...events: readonly CompletionEvent[]) {
  const lines: string[] = []
  const metrics = createMetrics()
  const serve = observe(
    pino({}, { write: (line) => void lines.push(line) }),
    metrics,
  )(
    telling(async function* () {
      yield* events
    }),
  )
  const request = requestOf({ messages: [{ role: 'user', content: 'the secret prompt' }] })
  await told(serve, request, callOf({ userId: 'alice' }))
  return { lines, line: JSON.parse(lines[0] ?? '{}'), text: await metrics.registry.metrics() }
}

test('T110: a completion is one line with its usage and its user, and no word of the prompt or the answer', async () => {
  const usage = { promptTokens: 5, cachedTokens: 2, completionTokens: 7, reasoningTokens: 0 }
  const { lines, line } = await observed(text('the secret answer'), { ...finished, usage } as CompletionEvent)
  expect(lines).toHaveLength(1)
  expect(line).toMatchObject({ request: 'req_1', user: 'alice', outcome: 'stop', usage })
  expect(lines[0]).not.toContain('secret')
})

test('T98: a caller who left is recorded with status 499 and the tokens so far', async () => {
  const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 3, reasoningTokens: 0 }
  const { line } = await observed(text('a'), { ...failing('cancelled'), usage } as CompletionEvent)
  expect(line).toMatchObject({ outcome: 'cancelled', status: 499, usage })
})

test('metrics count by model and outcome and never name a user', async () => {
  const { text: metrics } = await observed(failing('engine-lost'))
  expect(metrics).toContain('tidegate_requests_total{model="m",outcome="engine-lost"} 1')
  expect(metrics).not.toContain('alice')
})
