/** A load on a gateway, and what it cost. */
import { join } from 'node:path'
import type { Load, Seen } from './load.ts'
import { cpuOf, memoryOf, runOn, startOn } from './processes.ts'
import { at, type Measured } from './report.ts'
import type { Scenario } from './scenarios.ts'
import { type Running, said } from './subjects.ts'

const loadScript = join(import.meta.dirname, 'load.ts')
const command = (load: Load) => [process.execPath, loadScript, JSON.stringify(load)]

/** @param core where the load runs; absent: anywhere */
export const applied = async (load: Load, core?: string): Promise<Seen> =>
  JSON.parse(await runOn(core, command(load))) as Seen

const addressOf = ({ port, path, headers }: Running) => ({ port, path, headers })

interface How {
  /** Absent: the scenario's. */
  readonly seconds?: number
  readonly warmUp?: number
  /** Where the load runs; absent: anywhere. */
  readonly core?: string
  readonly patienceMs?: number
}

export async function measure(running: Running, scenario: Scenario, how: How = {}): Promise<Measured> {
  const { seconds = scenario.seconds, warmUp = 3, core, patienceMs } = how
  const bounds = { ...addressOf(running), ...(patienceMs !== undefined && { patienceMs }) }
  const load = (seconds: number) => applied({ ...bounds, ...scenario.load, seconds }, core)
  // The first seconds are those of the compiler.
  if (warmUp > 0) await load(warmUp)
  const before = running.pid ? cpuOf(running.pid) : 0
  const [seen, beside] = await Promise.all([
    load(seconds),
    scenario.beside && applied({ ...bounds, ...scenario.beside, seconds }, core),
  ])
  const cpu = running.pid ? cpuOf(running.pid) - before : 0
  const count = scenario.per === 'chunk' ? seen.chunks : seen.requests
  const times = scenario.per === 'chunk' ? seen.delay : seen.first
  const { connections } = scenario.load
  const trouble =
    troubleOf(seen, connections, count) ??
    (beside && troubleOf(beside, scenario.beside?.connections ?? 0, beside.requests))
  return {
    ...(trouble !== undefined && { trouble }),
    cpu: cpu / count,
    perSecond: count / seen.seconds,
    failures: seen.failures + (beside?.failures ?? 0),
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    max: at(times, 1),
    first: at(seen.first, 0.5),
    first99: at(seen.first, 0.99),
  }
}

/** @returns why a measurement is none */
function troubleOf(seen: Seen, connections: number, count: number): string | undefined {
  if (seen.still > 0) return `stood still (${seen.still} of ${connections})`
  if (count === 0) return 'no answer'
  // Refusals are cheap.
  if (seen.failures > seen.requests / 100) return `${seen.failures} of ${seen.requests} failed`
  return undefined
}

/** @returns megabytes with that many streams open that hardly say anything, or why there are none */
export async function memoryWith(running: Running, streams: number, core?: string): Promise<number | string> {
  const stream = { chunks: 1_000_000, everyMs: 2_000 }
  const open = { connections: streams, size: 300, seconds: 120, patienceMs: 60_000, stream, announces: true }
  const load = startOn(core, command({ ...addressOf(running), ...open }))
  try {
    const all = await said(load, /open (\d+)/).catch(() => undefined)
    if (all === undefined) return 'stood still'
    let most = 0
    // What it takes while they are open, not what is left after a rest.
    for (let second = 0; second < 6; second++) {
      most = Math.max(most, memoryOf(running.pid))
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
    return most
  } finally {
    await load.stop()
  }
}
