/**
 * Tidegate beside nginx (the floor) and Portkey, in one session and in turn: node bench/run.ts [--rounds N] [--seconds S] [--only NAME,…]
 * Writes bench/results/latest.json and latest.svg, and prints a table. Needs Linux with two cores.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chartOf } from './chart.ts'
import { applied, measure } from './measure.ts'
import { cores, memoryOf } from './processes.ts'
import { type Measured, median, type Results, tableOf } from './report.ts'
import { memoryLimitMb, openStreams, scenarios } from './scenarios.ts'
import { type Running, type Subject, startEngine, subjects } from './subjects.ts'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string' } },
})
const rounds = Number(flags.rounds ?? 3)
const wanted = flags.only?.split(',')

/** @returns megabytes with that many streams open */
async function memoryWith(running: Running, streams: number): Promise<number> {
  const { port, path, headers } = running
  const stream = { chunks: 1_000_000, everyMs: 2_000 }
  const load = applied({ port, path, headers, connections: streams, size: 300, seconds: 12, stream }, cores.others)
  await new Promise((resolve) => setTimeout(resolve, 9_000))
  const megabytes = memoryOf(running.pid)
  await load
  return megabytes
}

async function oneRound(subject: Subject, enginePort: number, round: number): Promise<Record<string, Measured>> {
  const running = await subject.start(enginePort, cores.gateway)
  try {
    const results: Record<string, Measured> = {}
    for (const scenario of scenarios) {
      if (wanted && !wanted.includes(scenario.name)) continue
      process.stderr.write(`round ${round} of ${rounds}: ${subject.name}, ${scenario.title} …`)
      const measured = await measure(running, scenario, {
        ...(flags.seconds !== undefined && { seconds: Number(flags.seconds) }),
        core: cores.others,
      })
      results[scenario.name] = measured
      process.stderr.write(
        ` ${measured.cpu.toFixed(1)} µs, ${Math.round(measured.perSecond)}/s, ${measured.failures} failed\n`,
      )
    }
    return results
  } finally {
    await running.stop()
  }
}

const engine = await startEngine(cores.others)
try {
  const all = subjects()
  const measured: Record<string, Record<string, Measured[]>> = {}
  const busy: number[] = []
  for (let round = 1; round <= rounds; round++)
    for (const subject of all) {
      busy.push(loadavg()[0] ?? 0)
      const results = await oneRound(subject, engine.port, round)
      for (const [name, one] of Object.entries(results)) {
        measured[subject.name] ??= {}
        const own = measured[subject.name] ?? {}
        own[name] = [...(own[name] ?? []), one]
      }
    }
  const memory: Record<string, Record<string, number>> = {}
  if (!wanted || wanted.includes('memory'))
    for (const subject of all.filter(({ name }) => name !== 'direct')) {
      memory[subject.name] = {}
      for (const streams of openStreams) {
        process.stderr.write(`${subject.name}, ${streams} open streams …`)
        const running = await subject.start(engine.port, cores.gateway)
        const megabytes = await memoryWith(running, streams).finally(running.stop)
        process.stderr.write(` ${Math.round(megabytes)} MB\n`)
        const own = memory[subject.name] ?? {}
        own[streams] = Math.round(megabytes)
      }
    }
  const results: Results = {
    at: new Date().toISOString(),
    conditions: {
      node: process.version,
      processor: cpus()[0]?.model ?? '',
      cores: cpus().length,
      rounds,
      load: `gateway on core ${cores.gateway}, load and engine on core ${cores.others}`,
      otherLoad: median(busy),
      versions: Object.fromEntries(all.map(({ name, version }) => [name, version])),
    },
    memoryLimitMb,
    measured,
    memory,
  }
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  if (!wanted) {
    writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`)
    writeFileSync(join(folder, 'latest.svg'), chartOf(results))
  }
  console.log(tableOf(results))
} finally {
  await engine.stop()
}
