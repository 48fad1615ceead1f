/**
 * Does looking at the console slow the answers down? node bench/console.ts [--requests N] [--rounds N] [--seconds S] [--clients N]
 * [--rate R] [--data FOLDER]
 * A service with a log of a million requests is asked for answers, in turn with nobody at the console and with `--clients` who ask it
 * without a pause. `--data` keeps the log for the next time. Needs Linux with two cores.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AdminLoad, Answered } from './admin-load.ts'
import { applied } from './measure.ts'
import { cores, cpuOf, pinned } from './processes.ts'
import { median } from './report.ts'
import { seedLog } from './seed-log.ts'
import { type Running, startEngine, tidegate } from './subjects.ts'

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '10' },
    clients: { type: 'string', default: '4' },
    rate: { type: 'string', default: '200' },
    data: { type: 'string' },
  },
})
const data = flags.data ?? mkdtempSync(join(tmpdir(), 'tidegate-bench-console-'))
const here = import.meta.dirname

interface Round {
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Microseconds of CPU of the gateway for each answer, its admin work included. */
  readonly cpu: number
  readonly failures: number
}

async function measure(running: Running, seconds: number): Promise<Round> {
  const { port, path, headers } = running
  const load = { port, path, headers, connections: 16, size: 300, rate: Number(flags.rate), seconds }
  const before = cpuOf(running.pid)
  const seen = await applied(load, cores.others)
  const at = (share: number) => (seen.first[Math.floor((seen.first.length - 1) * share)] ?? 0) / 1000
  const cpu = (cpuOf(running.pid) - before) / Math.max(1, seen.requests)
  return { p50: at(0.5), p99: at(0.99), cpu, failures: seen.failures }
}

/** @returns ends it, and says what was answered */
function hammer(load: AdminLoad): () => Promise<readonly Answered[]> {
  const command = [process.execPath, join(here, 'admin-load.ts'), JSON.stringify(load)]
  const child = spawn(...pinned(cores.others, command), { stdio: ['pipe', 'pipe', 'inherit'] })
  const output = Array.fromAsync(child.stdout.setEncoding('utf8'))
  return async () => {
    child.stdin.end()
    return JSON.parse((await output).join('')) as readonly Answered[]
  }
}

function adminKey(): string {
  const command = [join(here, '../bin/tidegate.js'), 'admin', 'create-key', '--name', 'bench', '--data', data]
  const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  if (!stdout.startsWith('adm-')) throw new Error(`No admin key was made: ${stderr}`)
  return stdout.trim()
}

const shown = (milliseconds: number) => `${milliseconds.toFixed(2)} ms`
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const database = join(data, 'tidegate.db')
if (!existsSync(database)) {
  await seedLog(data, Number(flags.requests), (done) => {
    if (done % 100_000 === 0) process.stderr.write(`${done} requests are in the log\n`)
  })
}
const engine = await startEngine(cores.others)
try {
  const running = await tidegate.start(engine.port, cores.gateway, { data })
  const secret = adminKey()
  const quiet: Round[] = []
  const busy: Round[] = []
  const answered = new Map<string, Answered[]>()
  await measure(running, 3)
  for (let round = 1; round <= Number(flags.rounds); round++) {
    quiet.push(await measure(running, Number(flags.seconds)))
    const stop = hammer({ port: running.port, secret, clients: Number(flags.clients) })
    await pause(1_000)
    busy.push(await measure(running, Number(flags.seconds)))
    for (const one of await stop()) answered.set(one.question, [...(answered.get(one.question) ?? []), one])
    const [a, b] = [quiet.at(-1), busy.at(-1)]
    process.stderr.write(
      `round ${round}: p50 ${shown(a?.p50 ?? NaN)} and ${shown(b?.p50 ?? NaN)}, p99 ${shown(a?.p99 ?? NaN)} and ${shown(b?.p99 ?? NaN)}, ` +
        `${(a?.failures ?? 0) + (b?.failures ?? 0)} failed, load ${loadavg()[0]?.toFixed(1)}\n`,
    )
  }
  const wal = existsSync(`${database}-wal`) ? statSync(`${database}-wal`).size / 2 ** 20 : 0
  await running.stop()

  console.log(`| of an answer at ${flags.rate}/s | nobody looks | ${flags.clients} look without a pause | ratio |`)
  console.log('| --- | --- | --- | --- |')
  for (const share of ['p50', 'p99'] as const) {
    const [before, after] = [median(quiet.map((one) => one[share])), median(busy.map((one) => one[share]))]
    const ratio = median(busy.map((one, i) => one[share] / (quiet[i]?.[share] ?? NaN)))
    console.log(`| ${share} | ${shown(before)} | ${shown(after)} | ${ratio.toFixed(2)} |`)
  }
  const cpu = (rounds: readonly Round[]) => `${Math.round(median(rounds.map((one) => one.cpu)))} µs`
  console.log(`| CPU of all threads | ${cpu(quiet)} | ${cpu(busy)} | |`)
  console.log(`\nThe write-ahead log has ${wal.toFixed(0)} MB. Answers at the console, medians over the rounds:\n`)
  console.log('| question | answers a round | p50 | p95 |\n| --- | --- | --- | --- |')
  for (const [question, rounds] of answered) {
    const of = (name: 'answers' | 'p50' | 'p95') => median(rounds.map((one) => one[name]))
    console.log(`| ${question} | ${of('answers')} | ${of('p50')} ms | ${of('p95')} ms |`)
  }
  const failures = Math.max(0, ...[...answered.values()].flat().map((one) => one.failures))
  if (failures > 0) console.log(`\n${failures} questions of a round failed.`)
} finally {
  await engine.stop()
  if (flags.data === undefined) rmSync(data, { recursive: true, force: true })
}
