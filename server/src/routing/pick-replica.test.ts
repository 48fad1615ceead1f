import { expect, test } from 'vitest'
import { telling } from '../../test/replicas.ts'
import type { Replica } from '../engines/catalog.ts'
import { CircuitBreaker } from '../lib/circuit-breaker.ts'
import { FairQueue } from '../lib/fair-queue.ts'
import { pickReplica, takesAsLastResort, takesRequests } from './pick-replica.ts'

const never = new AbortController().signal
const none: ReadonlySet<string> = new Set()
const pick = (replicas: readonly Replica[], namespace: string, tried: ReadonlySet<string>) =>
  pickReplica(replicas, namespace, tried, takesRequests)

function replica(engine: string, { ready = true, weight = 1, others = 0 } = {}): Replica {
  return {
    engine,
    weight,
    ready: () => ready,
    breaker: new CircuitBreaker(),
    queue: new FairQueue(2, 10),
    others: () => others,
    serve: telling(async function* () {}),
  }
}

test('a replica that is not ready takes nothing', () => {
  expect(pick([replica('a', { ready: false })], 'n', none)).toBeUndefined()
  expect(pick([replica('a', { ready: false }), replica('b')], 'n', none)?.engine).toBe('b')
})

test('the least loaded for its weight takes the request', async () => {
  const [small, big] = [replica('small'), replica('big', { weight: 3 })]
  await small.queue.enter('k', 'u', never)
  await big.queue.enter('k', 'u', never)
  await big.queue.enter('k', 'u', never)
  expect(pick([small, big], 'n', none)?.engine).toBe('big')
})

test('a replica that failed this request comes back only when there is no other', () => {
  const two = [replica('a'), replica('b')]
  expect(pick(two, 'n', new Set(['a']))?.engine).toBe('b')
  expect(pick(two, 'n', new Set(['a', 'b']))).toBeDefined()
})

test('among equals a namespace stays where it is warm, and namespaces spread', () => {
  const three = [replica('a'), replica('b'), replica('c')]
  const places = Array.from({ length: 300 }, (_, index) => pick(three, `namespace ${index}`, none)?.engine)
  const again = Array.from({ length: 300 }, (_, index) => pick(three, `namespace ${index}`, none)?.engine)
  expect(again).toEqual(places)
  for (const engine of ['a', 'b', 'c']) expect(places.filter((place) => place === engine).length).toBeGreaterThan(40)
})

test('namespaces spread by weight', () => {
  const two = [replica('small'), replica('big', { weight: 3 })]
  const places = Array.from({ length: 1_000 }, (_, index) => pick(two, `namespace ${index}`, none)?.engine)
  const big = places.filter((place) => place === 'big').length
  expect(big).toBeGreaterThan(650)
  expect(big).toBeLessThan(850)
})

test('what others have there counts as our own', () => {
  expect(pick([replica('a', { others: 1 }), replica('b')], 'n', none)?.engine).toBe('b')
  expect(pick([replica('a'), replica('b', { others: 1 })], 'n', none)?.engine).toBe('a')
})

test('a full line is passed by, also where it is the shorter one', async () => {
  const full: Replica = { ...replica('full'), queue: new FairQueue(1, 0) }
  await full.queue.enter('k', 'u', never)
  expect(pick([full, replica('b', { others: 100 })], 'n', none)?.engine).toBe('b')
  expect(pick([full], 'n', none)).toBeUndefined()
})

test('one that is left alone takes nothing, and is the last resort a second after it failed', () => {
  let now = 0
  const sick: Replica = { ...replica('sick'), breaker: new CircuitBreaker({ now: () => now, random: () => 1 }) }
  for (let round = 0; round < 3; round++) {
    now = round * 100_000
    sick.breaker.enter()?.ended('away')
  }
  expect(pick([sick], 'n', none)).toBeUndefined()
  expect(pick([sick, replica('b')], 'n', none)?.engine).toBe('b')
  const lastResort = () => pickReplica([sick], 'n', none, takesAsLastResort)?.engine
  expect(lastResort()).toBeUndefined()
  now += 1_000
  expect([pick([sick], 'n', none), lastResort()]).toEqual([undefined, 'sick'])
})
