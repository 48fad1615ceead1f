import { expect, test } from 'vitest'
import type { Replica } from '../engines/catalog.ts'
import { FairQueue } from '../lib/fair-queue.ts'
import { pickReplica } from './pick-replica.ts'

const never = new AbortController().signal
const none: ReadonlySet<string> = new Set()

function replica(engine: string, { ready = true, weight = 1 } = {}): Replica {
  return {
    engine,
    weight,
    ready: () => ready,
    queue: new FairQueue(2, 10),
    serve: async function* () {},
  }
}

test('a replica that is not ready takes nothing', () => {
  expect(pickReplica([replica('a', { ready: false })], 'n', none)).toBeUndefined()
  expect(pickReplica([replica('a', { ready: false }), replica('b')], 'n', none)?.engine).toBe('b')
})

test('the least loaded for its weight takes the request', async () => {
  const [small, big] = [replica('small'), replica('big', { weight: 3 })]
  await small.queue.enter('k', 'u', never)
  await big.queue.enter('k', 'u', never)
  await big.queue.enter('k', 'u', never)
  expect(pickReplica([small, big], 'n', none)?.engine).toBe('big')
})

test('a replica that failed this request comes back only when there is no other', () => {
  const two = [replica('a'), replica('b')]
  expect(pickReplica(two, 'n', new Set(['a']))?.engine).toBe('b')
  expect(pickReplica(two, 'n', new Set(['a', 'b']))).toBeDefined()
})

test('among equals a namespace stays where it is warm, and namespaces spread', () => {
  const three = [replica('a'), replica('b'), replica('c')]
  const places = Array.from({ length: 300 }, (_, index) => pickReplica(three, `namespace ${index}`, none)?.engine)
  const again = Array.from({ length: 300 }, (_, index) => pickReplica(three, `namespace ${index}`, none)?.engine)
  expect(again).toEqual(places)
  for (const engine of ['a', 'b', 'c']) expect(places.filter((place) => place === engine).length).toBeGreaterThan(40)
})
