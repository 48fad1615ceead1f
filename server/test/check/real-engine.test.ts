import { afterAll, beforeAll, expect, test } from 'vitest'
import { allAreas } from '../../src/check/all-checks.ts'
import { runChecks } from '../../src/check/run-checks.ts'
import { bootstrapKey, type RunningService, startProcess } from '../process.ts'

/** `tidegate check` on the demo model. A weak model may leave a check undecided; it breaks none. */

let service: RunningService
beforeAll(async () => {
  service = await startProcess()
})
afterAll(async () => {
  await service?.stop()
})

/** Those that look at what a model says; the others do not see it. */
const ofTheModel = ['Answers', 'Streams', 'Usage and limits', 'Stop', 'Thinking', 'Tools', 'JSON']

test('nothing is broken on a real engine', { timeout: 600_000 }, async () => {
  const { results, survey } = await runChecks(
    { baseUrl: `${service.client.origin}/v1`, model: 'tidegate-demo', key: bootstrapKey },
    {
      areas: allAreas.filter(({ name }) => ofTheModel.includes(name)),
      timeoutMs: 120_000,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  )
  expect(survey.thinks).toBe(true)
  const verdicts = [...results].map(([id, { verdict }]) => [id, verdict] as const)
  expect(verdicts.filter(([, { verdict }]) => verdict === 'broken')).toEqual([])
  expect(verdicts.filter(([, { verdict }]) => verdict === 'kept').length).toBeGreaterThan(verdicts.length * 0.8)
})
