/**
 * Tidegate beside nginx (the floor) and Portkey, in one session and in turn:
 * node bench/run.ts [--rounds N] [--seconds S] [--only SCENARIO,…] [--subjects NAME,…] [--publish]
 * Prints a table and writes bench/results/{latest.json,latest.svg}; `--publish` also docs/reports/bench.{md,json,svg} and what the README says.
 * A gateway that stands still ends the cell, not the run. Needs Linux with two cores.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openFilesMax } from '../server/src/lib/open-files.ts'
import { chartOf } from './chart.ts'
import { measure, memoryWith } from './measure.ts'
import { cores } from './processes.ts'
import { publish } from './publish.ts'
import { type Measured, median, type Results, rowsOf, sentenceOf, tableOf } from './report.ts'
import { openStreams, scenarios } from './scenarios.ts'
import { type Running, type Subject, startEngine, subjects } from './subjects.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    subjects: { type: 'string' },
    publish: { type: 'boolean', default: false },
  },
})
if (flags.publish && (flags.only || flags.subjects)) throw new Error('Only a whole run is published.')
const rounds = Number(flags.rounds)
const isWanted = (name: string) => flags.only === undefined || flags.only.split(',').includes(name)
const told = (text: string) => process.stderr.write(text)

const never: Measured = {
  trouble: 'did not start',
  cpu: NaN,
  perSecond: NaN,
  failures: 0,
  p50: NaN,
  p99: NaN,
  max: NaN,
  first: NaN,
  first99: NaN,
}

const started = (subject: Subject, enginePort: number): Promise<Running | undefined> =>
  subject.start(enginePort, cores.gateway).catch((error: unknown) => {
    told(`${subject.name} did not start: ${error}\n`)
    return undefined
  })

async function oneRound(subject: Subject, enginePort: number, round: number): Promise<Record<string, Measured>> {
  const results: Record<string, Measured> = {}
  let running: Running | undefined
  try {
    for (const scenario of scenarios.filter(({ name }) => isWanted(name))) {
      // Of the engine alone only times are of interest.
      if (subject.name === 'direct' && scenario.tells.every((one) => one === 'cpu' || one === 'rate')) continue
      told(`round ${round} of ${rounds}: ${subject.name}, ${scenario.name} …`)
      running ??= await started(subject, enginePort)
      const seconds = flags.seconds !== undefined && { seconds: Number(flags.seconds) }
      const measured = running ? await measure(running, scenario, { ...seconds, core: cores.others }) : never
      results[scenario.name] = measured
      const { trouble, cpu, perSecond, p50, p99, max } = measured
      const times = [p50, p99, max].map(Math.round).join(', ')
      told(trouble === undefined ? ` ${cpu.toFixed(1)} µs, ${Math.round(perSecond)}/s, ${times} µs\n` : ` ${trouble}\n`)
      if (trouble !== undefined) {
        // What did not go well does not hang over what comes next.
        await running?.stop()
        running = undefined
      }
    }
    return results
  } finally {
    await running?.stop()
  }
}

async function memoryOfRound(subject: Subject, enginePort: number, streams: number): Promise<number | string> {
  told(`${subject.name}, ${streams} open streams …`)
  const files = openFilesMax()
  if (files < 2 * streams + 500) return `only ${files} files may be open (ulimit -Hn)`
  const running = await started(subject, enginePort)
  const megabytes = running ? await memoryWith(running, streams, cores.others).finally(running.stop) : 'did not start'
  told(typeof megabytes === 'number' ? ` ${Math.round(megabytes)} MB\n` : ` ${megabytes}\n`)
  return megabytes
}

type Rounds<One> = Record<string, Record<string, One[]>>
function add<One>(to: Rounds<One>, subject: string, name: string, one: One): void {
  to[subject] ??= {}
  const own = to[subject]
  own[name] = [...(own[name] ?? []), one]
}

const commit = (): string => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }).trim()
  } catch {
    return ''
  }
}

const all = subjects().filter(({ name }) => name === 'direct' || (flags.subjects?.split(',').includes(name) ?? true))
const measured: Rounds<Measured> = {}
const memory: Rounds<number | string> = {}
const busy: number[] = [loadavg()[0] ?? 0]
const began = Date.now()
for (let round = 1; round <= rounds; round++)
  for (const subject of all) {
    // An engine of its own: nothing of the one before it is still running there.
    const engine = await startEngine(cores.others)
    try {
      const results = await oneRound(subject, engine.port, round)
      for (const [name, one] of Object.entries(results)) add(measured, subject.name, name, one)
      if (subject.name !== 'direct' && isWanted('memory'))
        for (const streams of openStreams)
          add(memory, subject.name, String(streams), await memoryOfRound(subject, engine.port, streams))
    } finally {
      await engine.stop()
    }
    busy.push(loadavg()[0] ?? 0)
  }
const results: Results = {
  at: new Date().toISOString(),
  conditions: {
    commit: commit(),
    node: process.version,
    processor: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    rounds,
    minutes: Math.round((Date.now() - began) / 60_000),
    where: `gateway on core ${cores.gateway}, load and engine on core ${cores.others}`,
    loadBefore: busy[0] ?? NaN,
    loadWithin: median(busy.slice(1)),
    versions: Object.fromEntries(all.map(({ name, version }) => [name, version])),
  },
  measured,
  memory,
}
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'latest.json'), `${JSON.stringify({ ...results, rows: rowsOf(results) }, null, 2)}\n`)
writeFileSync(join(folder, 'latest.svg'), chartOf(results))
console.log(`${tableOf(results)}\n\n${sentenceOf(results)}`)
if (flags.publish) publish(results)
