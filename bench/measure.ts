/** A load on a gateway, and what it cost. */
import { join } from 'node:path'
import type { Load, Seen } from './load.ts'
import { cpuOf, runOn } from './processes.ts'
import type { Measured } from './report.ts'
import type { Scenario } from './scenarios.ts'
import type { Running } from './subjects.ts'

const loadScript = join(import.meta.dirname, 'load.ts')

/** @param core where the load runs; absent: anywhere */
export const applied = async (load: Load, core?: string): Promise<Seen> =>
  JSON.parse(await runOn(core, [process.execPath, loadScript, JSON.stringify(load)])) as Seen

/** @param how seconds, and the core where the load runs; absent: the scenario's, and anywhere */
export async function measure(
  running: Running,
  scenario: Scenario,
  { seconds = scenario.seconds, warmUp = 5, core }: { seconds?: number; warmUp?: number; core?: string } = {},
): Promise<Measured> {
  const to = { port: running.port, path: running.path, headers: running.headers, ...scenario.load }
  // The first seconds are those of the compiler.
  if (warmUp > 0) await applied({ ...to, seconds: warmUp }, core)
  const before = running.pid ? cpuOf(running.pid) : 0
  const seen = await applied({ ...to, seconds }, core)
  const cpu = running.pid ? cpuOf(running.pid) - before : 0
  const count = scenario.per === 'chunk' ? seen.chunks : seen.requests
  const times = scenario.per === 'chunk' ? seen.delay : seen.firstByte
  return {
    cpu: cpu / count,
    perSecond: count / seen.seconds,
    failures: seen.failures,
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    firstByte: at(seen.firstByte, 0.5),
  }
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
