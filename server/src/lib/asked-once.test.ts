import { expect, test } from 'vitest'
import { askedOnce } from './asked-once.ts'

function asking() {
  let now = 0
  const open: PromiseWithResolvers<unknown>[] = []
  const ask = askedOnce(
    () => {
      const answer = Promise.withResolvers<unknown>()
      open.push(answer)
      return answer.promise
    },
    () => now,
  )
  const pass = (ms: number) => {
    now += ms
  }
  return { ask, open, pass }
}

test('who asks what is being answered already waits for that answer; another question is another', async () => {
  const { ask, open } = asking()
  const answers = [ask('usage', { tenant: 'a' }), ask('usage', { tenant: 'a' }), ask('usage', { tenant: 'b' })]
  expect(open).toHaveLength(2)
  open[0]?.resolve('A')
  open[1]?.resolve('B')
  expect(await Promise.all(answers)).toEqual(['A', 'A', 'B'])
})

test.each([
  ['as long as it took', 200, 199, 202],
  ['a second at most', 60_000, 999, 1_002],
])('an answer is kept for %s', async (_name, tookMs, later, tooLate) => {
  const { ask, open, pass } = asking()
  const first = ask('usage', {})
  pass(tookMs)
  open[0]?.resolve(1)
  await first
  pass(later)
  expect(await ask('usage', {})).toBe(1)
  pass(tooLate - later)
  void ask('usage', {})
  expect(open).toHaveLength(2)
})

test('what failed is asked again', async () => {
  const { ask, open } = asking()
  const first = ask('usage', {})
  open[0]?.reject(new Error('gone'))
  await expect(first).rejects.toThrow('gone')
  void ask('usage', {})
  expect(open).toHaveLength(2)
})
