/**
 * The embedded engine beside llama.cpp's own server, on the same GGUF and as many threads, in turn and in one session:
 * node bench/engine.ts --llama-server PATH [--model FILE.gguf] [--threads N] [--rounds N] [--seconds S]
 * Prints a table: tokens/s and prompt tokens/s at 1, 4 and 8 requests at once, and the time to the first token, cold and with a warm prefix.
 */
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'
import { startOn } from './processes.ts'
import { median } from './report.ts'
import { freePort, listens, type Running, tidegateAt } from './subjects.ts'

const { values: flags } = parseArgs({
  options: {
    'llama-server': { type: 'string' },
    model: { type: 'string', default: join(import.meta.dirname, '../models/demo/tidegate-demo.gguf') },
    threads: { type: 'string', default: String(cpus().length) },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
  },
})
const llamaServer = flags['llama-server']
if (!llamaServer) {
  console.error("Say where llama.cpp's own server is: --llama-server PATH. The rest is measured by itself.")
}
const slots = 8
/** Of one slot: the demo model has no more. */
const context = 4_096
const parallel = [1, 4, 8] as const
const rounds = Number(flags.rounds)
const milliseconds = 1_000 * Number(flags.seconds)

interface Engine {
  readonly name: string
  start(): Promise<Running>
  /** What its requests have beside what all have. */
  readonly fields: Readonly<Record<string, unknown>>
}

const embedded: Engine = {
  name: 'tidegate',
  fields: { model: 'm', thinking: { type: 'disabled' } },
  start: () =>
    tidegateAt({
      models: [{ id: 'm', engines: ['e'] }],
      engines: [{ id: 'e', kind: 'llama', path: flags.model, context, slots, threads: Number(flags.threads) }],
    }),
}

const theirs: Engine = {
  name: 'llama-server',
  fields: { chat_template_kwargs: { thinking: false }, reasoning_format: 'none' },
  async start() {
    const port = await freePort()
    const sizes = ['-c', String(context * slots), '-np', String(slots), '-t', flags.threads]
    const command = [llamaServer ?? '', '-m', flags.model, '--port', String(port), '--jinja', ...sizes]
    const process_ = startOn(undefined, command)
    await listens(port, '/health')
    return { pid: process_.pid, port, path: '/v1/chat/completions', headers: {}, stop: process_.stop }
  },
}

interface Answered {
  /** Milliseconds from the request to the first delta. */
  readonly first: number
  readonly promptTokens: number
  readonly completionTokens: number
}

const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

async function ask({ port, path, headers }: Running, body: object): Promise<Answered> {
  const began = performance.now()
  const response = await request(`http://127.0.0.1:${port}${path}`, {
    dispatcher: agent,
    // A connection each: llama-server closes one after some requests, and one that is taken again just then is lost.
    reset: true,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ temperature: 0, stream: true, stream_options: { include_usage: true }, ...body }),
  })
  let first = 0
  let text = ''
  for await (const part of response.body) {
    text += part
    if (first === 0 && /"content":"[^"]/.test(text)) first = performance.now() - began
  }
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text.slice(0, 300)}`)
  const usage = /"prompt_tokens":(\d+)/.exec(text)
  const completion = /"completion_tokens":(\d+)/.exec(text)
  return { first, promptTokens: Number(usage?.[1]), completionTokens: Number(completion?.[1]) }
}

let lastWord = 1
function word(): string {
  lastWord = (lastWord * 48_271) % 2_147_483_647
  return lastWord.toString(36)
}
/** Words that nobody has said before, so that nothing of them is cached. */
const fresh = (count: number): string => Array.from({ length: count }, word).join(' ')
const says = (content: string) => ({ messages: [{ role: 'user', content }] })

/** So many at once, one after the other, for a while. @returns tokens a second */
async function rate(at: number, one: () => Promise<number>): Promise<number> {
  const began = performance.now()
  let tokens = 0
  const isOver = () => performance.now() - began > milliseconds
  await Promise.all(
    Array.from({ length: at }, async () => {
      while (!isOver()) {
        // Not `tokens += await`: that adds to what it was before the wait, and what others added meanwhile is lost.
        const more = await one()
        tokens += more
      }
    }),
  )
  return (1_000 * tokens) / (performance.now() - began)
}

type Figures = Record<string, number>

async function figuresOf(engine: Engine): Promise<Figures> {
  const running = await engine.start()
  const asked = (body: object) => ask(running, { ...engine.fields, ...body })
  try {
    const figures: Figures = {}
    const write = async () => (await asked({ ...says('Count from 1 to 40.'), max_tokens: 120 })).completionTokens
    const read = async () => (await asked({ ...says(fresh(180)), max_tokens: 1 })).promptTokens
    await write()
    for (const at of parallel) {
      process.stderr.write(`${engine.name}, ${at} at once …`)
      figures[`tokens/s, ${at} at once`] = await rate(at, write)
      figures[`prompt tokens/s, ${at} at once`] = await rate(at, read)
      process.stderr.write(` ${Math.round(figures[`tokens/s, ${at} at once`] ?? 0)} tokens/s\n`)
    }
    const cold: number[] = []
    const warm: number[] = []
    for (let i = 0; i < 8; i++) {
      const prefix = fresh(300)
      cold.push((await asked({ ...says(`${prefix} Say one.`), max_tokens: 4 })).first)
      warm.push((await asked({ ...says(`${prefix} Say two.`), max_tokens: 4 })).first)
    }
    figures['first token, cold, ms'] = median(cold)
    figures['first token, warm prefix, ms'] = median(warm)
    return figures
  } finally {
    await running.stop()
  }
}

const engines = llamaServer ? [embedded, theirs] : [embedded]
const all: Record<string, Figures[]> = {}
for (let round = 1; round <= rounds; round++)
  // Whoever came first comes second the next time.
  for (const engine of round % 2 ? engines : engines.toReversed())
    all[engine.name] = [...(all[engine.name] ?? []), await figuresOf(engine)]

const shown = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 100 ? 1 : 0) : '–')
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${flags.threads} threads, Node ${process.version}, load ${shown(loadavg()[0] ?? NaN)}, medians of ${rounds} rounds\n`,
)
console.log('| | tidegate | llama-server | tidegate / llama-server |\n| --- | --- | --- | --- |')
for (const name of Object.keys(all.tidegate?.[0] ?? {})) {
  const [ours, other] = ['tidegate', 'llama-server'].map((engine) =>
    median((all[engine] ?? []).map((one) => one[name] ?? NaN)),
  )
  console.log(
    `| ${name} | ${shown(ours ?? NaN)} | ${shown(other ?? NaN)} | ${other ? `${((ours ?? NaN) / other).toFixed(2)}×` : '–'} |`,
  )
}
