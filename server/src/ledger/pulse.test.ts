import { expect, test } from 'vitest'
import { takePulse } from './pulse.ts'

test('a ledger is well until a write of no meaning fails or takes too long, and again as soon as one succeeds', async () => {
  let now = 0
  const asked: PromiseWithResolvers<void>[] = []
  const pulse = takePulse(
    () => {
      const answer = Promise.withResolvers<void>()
      asked.push(answer)
      return answer.promise
    },
    () => now,
  )
  const answered = async (well: boolean) => {
    const last = asked.at(-1)
    if (well) last?.resolve()
    else last?.reject(new Error('disk is full'))
    await new Promise((resolve) => setImmediate(resolve))
    return pulse.isWell()
  }
  pulse.feel()
  expect([pulse.isWell(), asked.length]).toEqual([true, 0])
  now = 5_000
  pulse.feel()
  expect(asked).toHaveLength(1)
  now = 8_001
  expect(pulse.isWell()).toBe(false)
  expect(await answered(true)).toBe(true)

  pulse.doubt()
  pulse.doubt()
  expect([pulse.isWell(), asked.length]).toEqual([true, 2])
  expect(await answered(false)).toBe(false)
  pulse.feel()
  expect(asked).toHaveLength(2)
  now += 1_000
  pulse.feel()
  expect(asked).toHaveLength(3)
  expect(await answered(true)).toBe(true)
})
