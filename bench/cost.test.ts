/**
 * A guard, not a benchmark: CPU time beside a proxy that only forwards, before the same engine and in the same run, so that neither the machine nor
 * what else it does decides. Fails when a request or a chunk costs far more than it did; `npm run bench` tells how much it is.
 */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { measure } from './measure.ts'
import { scenarios } from './scenarios.ts'
import { plain, startEngine, tidegate } from './subjects.ts'

/** Times the plain proxy: what was measured, and half as much again. */
const atMost: Readonly<Record<string, number>> = { saturation: 18, 'stream-50': 3 }
const rounds = 2

// CPU time is read from /proc.
test.skipIf(!existsSync('/proc/self/stat'))(
  'a request and a chunk cost no more of a proxy than they did',
  {
    timeout: 180_000,
  },
  async () => {
    const engine = await startEngine()
    const subjects = { plain: await plain.start(engine.port), tidegate: await tidegate.start(engine.port) }
    try {
      for (const scenario of scenarios.filter(({ name }) => name in atMost)) {
        const cpu = { plain: 0, tidegate: 0 }
        for (let round = 0; round < rounds; round++)
          for (const name of ['plain', 'tidegate'] as const) {
            const measured = await measure(subjects[name], scenario, { seconds: 1.5, warmUp: round === 0 ? 1.5 : 0 })
            expect(measured.failures).toBe(0)
            cpu[name] += measured.cpu / rounds
          }
        const ratio = cpu.tidegate / cpu.plain
        console.log(
          `${scenario.title}: ${Math.round(cpu.tidegate)} µs a ${scenario.per}, ${ratio.toFixed(1)} times a plain proxy`,
        )
        expect(ratio, scenario.title).toBeLessThan(atMost[scenario.name] ?? 0)
      }
    } finally {
      await subjects.plain.stop()
      await subjects.tidegate.stop()
      await engine.stop()
    }
  },
)
