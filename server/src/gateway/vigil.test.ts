import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Handover, startVigil } from './vigil.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** An open answer that writes a token every `everyMs`. */
function openAnswer(vigil: ReturnType<typeof startVigil>, engine: string, everyMs: number, takes = true) {
  const state = { tokens: 0, leaving: false, heard: [] as Handover[], everyMs }
  const write = () => {
    state.tokens++
    timer = setTimeout(write, state.everyMs)
  }
  let timer = setTimeout(write, everyMs)
  const { watched, end } = vigil.watch({
    engine,
    tokens: () => state.tokens,
    leaving: () => state.leaving,
    handOver: (reason) => state.heard.push(reason) > 0 && takes,
  })
  return { state, watched, end, stop: () => clearTimeout(timer) }
}

test('one that falls silent for longer than it ever does is handed over, and those that wait behind it', async () => {
  const vigil = startVigil({ interTokenMs: 30_000 })
  const quick = openAnswer(vigil, 'a', 20)
  const waiting = openAnswer(vigil, 'a', 1_000_000)
  const other = openAnswer(vigil, 'b', 20)
  await pass(5_000)
  quick.stop()
  await pass(2_500)
  expect(quick.state.heard).toEqual([])
  await pass(2_000)
  expect([quick, waiting].map(({ state }) => state.heard[0])).toEqual(['stalled', 'stalled'])
  expect(other.state.heard).toEqual([])
})

test('a long wait for the first token gives nobody more time between tokens', async () => {
  const vigil = startVigil({ interTokenMs: 30_000 })
  const answer = openAnswer(vigil, 'a', 4_000)
  await pass(4_000)
  answer.state.everyMs = 20
  await pass(5_000)
  answer.stop()
  await pass(4_000)
  expect(answer.state.heard[0]).toBe('stalled')
})

test('an engine that often pauses is given more time, up to the hard limit', async () => {
  const vigil = startVigil({ interTokenMs: 20_000 })
  const slow = openAnswer(vigil, 'a', 2_000)
  await pass(20_000)
  slow.stop()
  await pass(12_000)
  expect(slow.state.heard).toEqual([])
  await pass(9_000)
  expect(slow.state.heard[0]).toBe('stalled')
})

test('who waits for a reader, or reads its prompt with nobody stalled beside it, is left alone', async () => {
  const vigil = startVigil({ interTokenMs: 30_000 })
  const resting = openAnswer(vigil, 'a', 20)
  const reading = openAnswer(vigil, 'b', 1_000_000)
  await pass(1_000)
  resting.stop()
  resting.watched.waiting = false
  await pass(60_000)
  expect([resting.state.heard, reading.state.heard]).toEqual([[], []])
  resting.watched.waiting = true
  await pass(2_000)
  expect(resting.state.heard).toEqual([])
})

test('one that writes far slower than another engine does is handed over', async () => {
  const vigil = startVigil({ interTokenMs: 30_000 })
  const quick = openAnswer(vigil, 'a', 20)
  const slow = openAnswer(vigil, 'b', 900)
  const fair = openAnswer(vigil, 'c', 100)
  await pass(40_000)
  expect(slow.state.heard[0]).toBe('slow')
  expect([quick.state.heard, fair.state.heard]).toEqual([[], []])
})

test('one whose engine is about to leave is handed over at once; without anybody to take it, asked again', async () => {
  const vigil = startVigil({ interTokenMs: 30_000 })
  const answer = openAnswer(vigil, 'a', 20, false)
  answer.state.leaving = true
  await pass(1_000)
  expect(answer.state.heard).toEqual(['drain', 'drain', 'drain', 'drain'])
})

test('a process that stood still itself blames nobody, and nothing ticks when nobody is watched', async () => {
  const vigil = startVigil({ interTokenMs: 30_000 })
  const answer = openAnswer(vigil, 'a', 20)
  await pass(1_000)
  answer.stop()
  vi.setSystemTime(Date.now() + 20_000)
  await pass(1_000)
  expect(answer.state.heard).toEqual([])
  answer.end()
  expect(vi.getTimerCount()).toBe(0)
})
