import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ownTurn } from './own-turn.ts'

test('of several that wait, one begins in each turn of the event loop, in the order in which they came', async () => {
  const begun: string[] = []
  const seen: string[] = []
  for (const name of ['a', 'b', 'c']) void ownTurn().then(() => begun.push(name))
  while (begun.length < 3) {
    await nextTurn()
    seen.push(begun.join(''))
  }
  expect(seen.filter((one, i) => one !== seen[i - 1] && one !== '')).toEqual(['a', 'ab', 'abc'])
})

test('who waits again at the end of a piece comes behind the others', async () => {
  const begun: string[] = []
  const twice = async (name: string) => {
    await ownTurn()
    begun.push(name)
    await ownTurn()
    begun.push(name)
  }
  await Promise.all([twice('a'), twice('b')])
  expect(begun).toEqual(['a', 'b', 'a', 'b'])
})
