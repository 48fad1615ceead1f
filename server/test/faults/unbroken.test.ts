import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Knowing, knowing, type Told } from '../killer/crowd.ts'
import { type Kind, kinds } from '../killer/errands.ts'
import { type Fleet, startFleet } from '../killer/fleet.ts'

/**
 * Three real engines behind a real gateway, with the limits that operators have: one of them is killed, or stands still, under streams
 * of each kind. `STREAMS=32` asks for so many of each kind at once.
 */

const streams = Number(process.env.STREAMS ?? 8)
const variants = 4

let fleet: Fleet
let clients: Knowing
beforeAll(async () => {
  fleet = await startFleet({ size: 3, slots: 16 })
  clients = await knowing(fleet.service.client, kinds, variants)
}, 180_000)
afterAll(async () => {
  await clients?.close()
  await fleet?.stop()
})

const metrics = async (start: string) =>
  (await fleet.service.client.get('/metrics', {})).text.split('\n').filter((line) => line.startsWith(start))
const numberIn = (line: string | undefined) => Number(line?.split(' ').at(-1) ?? 0)

const askFor = (asked: readonly Kind[]): Promise<readonly Told[]> =>
  Promise.all(
    asked.flatMap((kind) => Array.from({ length: streams }, (_, index) => clients.ask(kind, index % variants))),
  )

/** Waits until answers have begun. @returns the engine that has most to do then, and its process */
async function theBusiest(): Promise<{ readonly engine: string; readonly pid: number }> {
  const before = clients.pieces()
  await expect.poll(clients.pieces, { interval: 5, timeout: 30_000 }).toBeGreaterThan(before + streams)
  const [most = ''] = (await metrics('tidegate_engine_running{')).toSorted((a, b) => numberIn(b) - numberIn(a))
  const engine = /engine="([^"]+)"/.exec(most)?.[1] ?? ''
  return { engine, pid: fleet.pidOf(engine) ?? 0 }
}

function expectUndisturbed(told: readonly Told[]): void {
  for (const { kind, variant, heard, reference } of told)
    expect([kind, variant, heard.faults, heard.said]).toEqual([kind, variant, [], reference.said])
}

test.each(kinds)(
  'T100: kill -9 under streams of %s breaks none, and changes none',
  async (kind) => {
    const answers = askFor([kind])
    const { engine, pid } = await theBusiest()
    process.kill(pid, 'SIGKILL')
    expectUndisturbed(await answers)
    await fleet.mend(engine, pid)
  },
  180_000,
)

test('T105: an engine that stands still under streams of all kinds breaks none, and changes none', async () => {
  const answers = askFor(kinds)
  const { pid } = await theBusiest()
  process.kill(pid, 'SIGSTOP')
  expectUndisturbed(await answers)
}, 180_000)

test('that was no luck: answers went on elsewhere', async () => {
  const resumes = await metrics('tidegate_stream_resumes_total{')
  expect(resumes.map(numberIn).filter((times) => times > 0)).not.toEqual([])
  expect(fleet.service.stderr()).not.toContain('defect')
})
