/**
 * A guard for decision 0050: nothing that a request leaves is made old. V8 itself tells, at each collection of the young, how much there was behind it; what
 * it grows by from one to the next was made old. Once something is made old in vain it is all that a request had made, 31 kB.
 */
import { expect, test } from 'vitest'
import { measure } from './measure.ts'
import { scenarios } from './scenarios.ts'
import { startEngine, tidegate } from './subjects.ts'

/** Of a request. Some grows and goes again: 600 to 1,000 were measured, and 9 to 30 thousand with one of the causes put back in. */
const bytesMax = 4_000

interface Collection {
  readonly isolate: string
  readonly after: number
}

/** @returns the collections in what `--trace-gc` printed, in megabytes */
const collectionsIn = (text: string): Collection[] =>
  [...text.matchAll(/\[\d+:(0x[0-9a-f]+)\] +\d+ ms: (?:Scavenge|Mark-Compact)[^\n]*? -> ([\d.]+) \(/g)].map(
    ([, isolate = '', after]) => ({ isolate, after: Number(after) }),
  )

test('what a request leaves is young', { timeout: 120_000 }, async () => {
  let printed = ''
  const engine = await startEngine()
  const running = await tidegate.start(engine.port, undefined, {
    flags: ['--trace-gc'],
    hear(text) {
      printed += text
    },
  })
  try {
    const scenario = scenarios.find(({ name }) => name === 'paced')
    if (!scenario) throw new Error('There is no such scenario.')
    await measure(running, scenario, { seconds: 1, warmUp: 3 })
    printed = ''
    const { failures, perSecond } = await measure(running, scenario, { seconds: 8, warmUp: 0 })
    expect(failures).toBe(0)
    // The thread that serves makes most.
    const largest = (of: readonly Collection[] = []) => Math.max(...of.map(({ after }) => after))
    const byThread = Object.values(Object.groupBy(collectionsIn(printed), ({ isolate }) => isolate))
    const [main = []] = byThread.sort((one, other) => largest(other) - largest(one))
    // A full collection takes what was made old in vain.
    const grown = main.slice(1).map(({ after }, index) => Math.max(0, after - (main[index]?.after ?? 0)))
    expect(grown.length).toBeGreaterThan(5)
    const bytes = (1e6 * grown.reduce((sum, one) => sum + one, 0)) / (perSecond * 8)
    console.log(`Made old: ${Math.round(bytes)} bytes a request, in ${grown.length} collections.`)
    expect(bytes).toBeLessThan(bytesMax)
  } finally {
    await running.stop()
    await engine.stop()
  }
})
