import { expect, onTestFinished, test } from 'vitest'
import { startCrowd } from '../killer/crowd.ts'
import { kinds } from '../killer/errands.ts'
import { startFleet } from '../killer/fleet.ts'

/** Real engines in processes of their own, told to end one after the other while they write. */

test('a rolling restart of all engines under streams of every kind breaks none, and changes none', async () => {
  const fleet = await startFleet({ size: 3, slots: 16 })
  onTestFinished(() => fleet.stop())
  const { client } = fleet.service
  const crowd = await startCrowd({ client, kinds, streams: 16, variants: 2 })
  for (const engine of fleet.engines) {
    const before = crowd.pieces()
    await expect.poll(crowd.pieces, { interval: 10 }).toBeGreaterThan(before + 50)
    const pid = fleet.pidOf(engine) ?? 0
    process.kill(pid, 'SIGTERM')
    await fleet.mend(engine, pid)
  }
  await crowd.end()
  for (const { kind, variant, heard, reference } of crowd.told)
    expect([kind, variant, heard.faults, heard.said]).toEqual([kind, variant, [], reference.said])
  expect(new Set(crowd.told.map(({ kind }) => kind))).toEqual(new Set(kinds))
  const { text } = await client.get('/metrics', {})
  expect(text).toMatch(/tidegate_stream_resumes_total\{phase="\w+",reason="drain"\} [1-9]/)
  // Nobody was lost on the way: all were handed over, or finished where they were.
  expect(text).not.toContain('outcome="engine-lost"')
  expect(fleet.service.stderr()).not.toContain('defect')
}, 300_000)
