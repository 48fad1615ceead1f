import { expect, test } from 'vitest'
import { callOf, requestOf, told } from '../../../test/replicas.ts'
import { type ScriptedEngineOptions, scriptedEngine } from '../../../test/scripted-engine.ts'
import { defaultLimits } from '../../completion/limits.ts'
import { rawEngine } from './engine.ts'

/** A raw engine on a double that counts its counts. */
function counting(contextWindow: number, options: Partial<ScriptedEngineOptions> = {}) {
  const double = scriptedEngine({ runs: ['a'], ...options, facts: { contextWindow } })
  let counts = 0
  const count = (prompt: readonly string[], signal: AbortSignal) => {
    counts++
    return double.count(prompt, signal)
  }
  const { fits, serve } = rawEngine({ ...double, count }, defaultLimits)
  if (!fits) throw new Error('A raw engine can tell whether a prompt fits.')
  return { fits, serve, counts: () => counts }
}
const saying = (content: string, extra: object = {}) => requestOf({ messages: [{ role: 'user', content }], ...extra })

test('a prompt of fewer bytes than the window has tokens is not counted', async () => {
  const { fits, counts } = counting(1_000)
  expect(await fits(saying('x'.repeat(500)), callOf())).toBeUndefined()
  expect(counts()).toBe(0)
  expect(await fits(saying('汉'.repeat(500)), callOf())).toBeUndefined()
  expect(counts()).toBe(1)
})

test('one that is too long is refused, by the smaller of the two windows', async () => {
  const { fits } = counting(1_000)
  expect(await fits(saying('x'.repeat(4_000)), callOf())).toMatchObject({
    code: 'context-too-long',
    message: expect.stringMatching(/length is 1000 tokens. Your messages have 10\d\d tokens/),
    param: 'messages',
  })
  const failure = await fits(saying('x'.repeat(3_000), { contextWindow: 500 }), callOf())
  expect(failure?.message).toMatch(/length is 500 tokens. Your messages have 7\d\d tokens/)
})

test('whatever the length, the check and the answer say the same', async () => {
  const { fits, serve } = counting(100)
  const outcomes = new Set<boolean>()
  for (let length = 200; length < 400; length++) {
    const request = saying('x'.repeat(length))
    const failure = await fits(request, callOf())
    const [first] = await told(serve, request, callOf())
    expect(first?.type === 'failed' ? first.failure : undefined).toEqual(failure)
    outcomes.add(failure === undefined)
  }
  expect(outcomes.size).toBe(2)
})
