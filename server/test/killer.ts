/**
 * Kills engines at random moments under many greedy streams, and compares each answer with its undisturbed run. Prints a table and ends
 * with 1 when a stream was broken.
 * `node server/test/killer.ts --kills 200 --streams 32 [--stall 1500] [--llama-server PATH] [--chart FILE.svg] [--causes FILE.jsonl]
 * [--log FILE]`; `stall`: milliseconds after which a silent engine is left, more for a machine that has other work. Of each answer that
 * is not whole the attempts are told; `causes` keeps all that the gateway knows of them, `log` all that it wrote.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { causesOf } from './killer/causes.ts'
import { type Silence, silenceChart } from './killer/chart.ts'
import { startCrowd } from './killer/crowd.ts'
import { kinds } from './killer/errands.ts'
import { startFleet } from './killer/fleet.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    streams: { type: 'string', default: '32' },
    stall: { type: 'string', default: '1500' },
    'llama-server': { type: 'string' },
    chart: { type: 'string' },
    causes: { type: 'string' },
    log: { type: 'string' },
    signals: { type: 'string', default: 'SIGKILL,SIGKILL,SIGKILL,SIGSTOP' },
  },
})
const signals = values.signals.split(',') as NodeJS.Signals[]
const stallMs = Number(values.stall)

const fleet = await startFleet({
  size: 3,
  slots: 16,
  ...(values['llama-server'] !== undefined && { llamaServer: values['llama-server'] }),
  // A stream of a busy fleet may meet more deaths than an operator's ever will.
  limits: { interTokenMs: stallMs, maxAttempts: 12, restartMs: 30_000 },
})
const { client } = fleet.service
const crowd = await startCrowd({ client, kinds, streams: Number(values.streams), variants: 8 }).catch(async (error) => {
  await fleet.stop()
  throw error
})
process.stderr.write('undisturbed runs are known\n')

async function kill(count: number): Promise<void> {
  for (let killed = 0; killed < count; killed++) {
    await pause(100 + Math.random() * 700)
    const engine = fleet.engines[Math.floor(Math.random() * fleet.engines.length)] ?? ''
    const pid = fleet.pidOf(engine)
    if (pid === undefined) {
      killed--
      continue
    }
    const signal = signals[Math.floor(Math.random() * signals.length)] ?? 'SIGKILL'
    process.kill(pid, signal)
    if (signal === 'SIGSTOP') {
      await pause(stallMs + 500)
      process.kill(pid, 'SIGKILL')
    }
    await fleet.mend(engine, pid)
    process.stderr.write(
      `${killed + 1} ${signal}, ${crowd.pieces()} pieces, ${Math.round(performance.now() - began)} ms\n`,
    )
  }
}

const began = performance.now()
await kill(Number(values.kills))
const late = setTimeout(() => {
  process.stderr.write(`${[...crowd.open].join('\n')}\n${fleet.service.stderr().split('\n').slice(-40).join('\n')}\n`)
  process.exit(1)
}, 25_000)
await crowd.end()
clearTimeout(late)
const seconds = (performance.now() - began) / 1_000

const { text } = await client.get('/metrics', {})
const resumes = text.split('\n').filter((line) => line.startsWith('tidegate_stream_resumes_total{'))
const causes = await causesOf(
  fleet.service,
  crowd.told.filter(({ heard }) => heard.faults.length > 0),
)
await fleet.stop()
if (values.log !== undefined) writeFileSync(values.log, fleet.service.stderr())
if (values.causes !== undefined)
  writeFileSync(values.causes, causes.map((cause) => `${JSON.stringify(cause)}\n`).join(''))

const at = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
process.stdout.write(`${values.kills} kills in ${Math.round(seconds)} s under ${values.streams} streams\n\n`)
process.stdout.write(
  '| Answers | Whole | Equal to the undisturbed run | Tokens | Longest gap, median | 99 % |\n|---|---|---|---|---|---|\n',
)
const silences: Silence[] = []
for (const kind of kinds) {
  const answers = crowd.told.filter((one) => one.kind === kind)
  const whole = answers.filter(({ heard }) => heard.faults.length === 0)
  const equal = whole.filter(({ heard, reference }) => heard.said === reference.said)
  const tokens = answers.reduce((sum, { heard }) => sum + heard.completionTokens, 0)
  const gaps = answers.map(({ heard }) => heard.gapMs).sort((a, b) => a - b)
  const silence = { kind, median: at(gaps, 0.5), most: at(gaps, 0.99) }
  silences.push(silence)
  process.stdout.write(
    `| ${kind} | ${whole.length} of ${answers.length} | ${equal.length} | ${tokens} | ${silence.median} ms | ${silence.most} ms |\n`,
  )
}
const about = `${values.kills} kills of 3 engines in ${Math.round(seconds)} s, ${values.streams} streams, ${new Date().toISOString().slice(0, 10)}`
if (values.chart !== undefined) writeFileSync(values.chart, silenceChart(silences, about))
process.stdout.write(`\n${resumes.join('\n')}\n`)
const faults = crowd.told.flatMap(({ heard }) => heard.faults)
for (const fault of new Set(faults)) {
  process.stdout.write(`${faults.filter((one) => one === fault).length} × ${fault}\n`)
}
for (const { kind, variant, request, entry } of causes)
  process.stdout.write(`not whole: ${kind} ${variant}, ${request}\n  ${JSON.stringify(entry)}\n`)
const differing = crowd.told.filter(
  ({ heard, reference }) => heard.faults.length === 0 && heard.said !== reference.said,
)
for (const { kind, variant, heard, reference } of differing.slice(0, 5))
  process.stdout.write(`differs: ${kind} ${variant}\n  ${reference.said}\n  ${heard.said}\n`)
process.exitCode = faults.length > 0 ? 1 : 0
