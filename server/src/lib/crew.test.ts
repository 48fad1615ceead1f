import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { alone, leader, member, type ToMember } from './crew.ts'

/** A crew whose messages take a turn of the event loop, as between processes. */
function crewOf(size: number) {
  const lead = leader<Worker>()
  type Worker = { send(message: ToMember): void; silent?: boolean }
  const workers = Array.from({ length: size }, (_, index) => {
    const reach: Worker = {
      send: (message) => void (reach.silent ? undefined : setImmediate(() => crew.hear(message))),
    }
    const crew = member(size, (message) => void setImmediate(() => lead.hear(reach, message)))
    crew.answer('who', async () => index)
    lead.join(reach)
    return { crew, reach }
  })
  return { lead, workers }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('one alone answers itself', async () => {
  const crew = alone()
  crew.answer('who', async () => 'me')
  expect([crew.size, await crew.ask('who')]).toEqual([1, ['me']])
})

test('whoever asks hears all, itself among them; questions at once stay apart', async () => {
  const { workers } = crewOf(3)
  workers[0]?.crew.answer('other', async () => 'x')
  const asked = workers.map(({ crew }) => crew.ask('who'))
  const other = workers[1]?.crew.ask('other')
  await vi.advanceTimersByTimeAsync(100)
  expect((await Promise.all(asked)).map((answers) => answers.toSorted())).toEqual([
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 2],
  ])
  expect(await other).toEqual(['x'])
})

test('a worker asks the leader alone, and hears when that cannot say', async () => {
  const { lead, workers } = crewOf(2)
  lead.answer('double', async (given) => 2 * Number(given))
  lead.answer('fail', () => Promise.reject(new Error('no')))
  const { askLeader } = workers[1]?.crew ?? {}
  const asked = Promise.all([askLeader?.('double', 4), askLeader?.('double', 5), askLeader?.('fail', 0).catch(String)])
  await vi.advanceTimersByTimeAsync(10)
  expect(await asked).toEqual([8, 10, 'Error: no'])
  expect(alone()).not.toHaveProperty('askLeader')
})

test('who is silent, dies, or cannot say is left out, and nobody waits for long', async () => {
  const { lead, workers } = crewOf(4)
  const [first, silent, dying, failing] = workers
  if (!first || !silent || !dying || !failing) throw new Error('four')
  silent.reach.silent = true
  dying.reach.silent = true
  failing.crew.answer('who', () => Promise.reject(new Error('no')))
  let answers: readonly unknown[] | undefined
  void first.crew.ask('who').then((all) => {
    answers = all
  })
  await vi.advanceTimersByTimeAsync(100)
  expect(answers).toBeUndefined()
  lead.leave(dying.reach)
  await vi.advanceTimersByTimeAsync(100)
  expect(answers).toBeUndefined()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(answers).toEqual([0])
  // It does not count for the next one.
  lead.leave(silent.reach)
  const again = first.crew.ask('who')
  await vi.advanceTimersByTimeAsync(10)
  expect(await again).toEqual([0])
})
