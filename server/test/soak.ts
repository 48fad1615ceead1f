/**
 * Many clients at once on the real service with the demo model: nothing lost, mixed up or leaked, memory flat. Prints a table and
 * ends with 1 on any violation. `node server/test/soak.ts --streams 64 --seconds 60`
 */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'
import { bodyB, type Said } from './client.ts'
import { bootstrapKey, startProcess } from './process.ts'
import { check } from './soak/check.ts'
import { type Errand, errandOf, references } from './soak/errands.ts'
import { type Watch, watch } from './soak/watch.ts'

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '64' }, seconds: { type: 'string', default: '60' } },
})
const streams = Number(values.streams)
const seconds = Number(values.seconds)
/** MiB that a process may grow by once it is warm. */
const growthMax = 48
/** Of the greedy answers, how many must be those of a lone run: the sums of a larger batch may round another way. */
const equalMin = 0.6

const wrong = new Map<string, number>()
const accuse = (kind: string, what: string) => wrong.set(`${kind}: ${what}`, (wrong.get(`${kind}: ${what}`) ?? 0) + 1)

const service = await startProcess()
const { origin } = service.client
// The log comes through another pipe than the ready line, and perhaps later.
while (!service.stderr().includes('"contextWindow"')) await pause(10)
const childPid = Number(/"pid":(\d+),"contextWindow"/.exec(service.stderr())?.[1])
const agent = new Agent({ connections: streams, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

/** Clients take turns with the keys, two of them of another tenant. */
const keys = [
  bootstrapKey,
  ...(await Promise.all(
    ['one', 'two', 'two'].map(async (tenant) => {
      const { stdout } = await service.run('keys', 'create', '--name', 'soak', '--tenant', tenant)
      return stdout.trim()
    }),
  )),
]
const done = new Map<string, number>()
const firstByteMs: number[] = []
/** What the wire said, by `x-request-id`; undefined for a client that left. */
const told = new Map<string, Said | undefined>()
const answerIds = new Set<string>()
let tokens = 0
let equal = 0
let compared = 0

async function run(errand: Errand, key: string, alone?: readonly string[]): Promise<Said | undefined> {
  const began = performance.now()
  const leaving = new AbortController()
  const { statusCode, headers, body } = await request(`${origin}/v1/chat/completions`, {
    method: 'POST',
    dispatcher: agent,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(errand.body),
    signal: leaving.signal,
  })
  const id = String(headers['x-request-id'])
  if (told.has(id)) accuse(errand.kind, 'a request id came twice')
  told.set(id, undefined)
  body.setEncoding('utf8')
  let text = ''
  let pieces = 0
  for await (const piece of body) {
    if (pieces++ === 0) firstByteMs.push(performance.now() - began)
    if (errand.leavesAfter !== undefined && pieces > errand.leavesAfter) {
      leaving.abort()
      return undefined
    }
    text += piece
  }
  const contentType = String(headers['content-type'])
  const { wrong: faults, id: answerId, said } = check(errand, { status: statusCode, contentType, text })
  for (const fault of faults) accuse(errand.kind, fault)
  if (!said || !answerId) {
    told.delete(id)
    return undefined
  }
  if (answerIds.has(answerId)) accuse(errand.kind, 'an answer id came twice')
  answerIds.add(answerId)
  told.set(id, said)
  tokens += said.usage.completion_tokens
  if (alone && errand.reference !== undefined) {
    compared++
    if (saidOf(said) === alone[errand.reference]) equal++
  }
  return said
}

const saidOf = ({ reasoning, content }: Said): string => `${reasoning ?? ''}\0${content}`

async function client(number: number, until: number, alone: readonly string[]): Promise<void> {
  for (let turn = 0; performance.now() < until; turn++) {
    const errand = errandOf(number, turn)
    try {
      await run(errand, keys[number % keys.length] ?? '', alone)
      done.set(errand.kind, (done.get(errand.kind) ?? 0) + 1)
    } catch (error) {
      if (errand.leavesAfter === undefined) accuse(errand.kind, String(error))
    }
  }
}

/** Each answer is one line of the log, with the very counts that the client was told (contract C88). */
function checkLog(): void {
  const logged = new Map<string, { outcome: string; usage: { promptTokens: number; completionTokens: number } }>()
  for (const line of service.stderr().split('\n')) {
    // Warnings of the runtime and stacks would be such.
    if (line !== '' && !line.startsWith('{')) accuse('log', `a line that nobody wrote: ${line.slice(0, 100)}`)
    if (!line.includes('"msg":"completion"')) continue
    const entry = JSON.parse(line)
    if (logged.has(entry.request)) accuse('log', 'a completion was logged twice')
    logged.set(entry.request, entry)
  }
  for (const [id, said] of told) {
    const entry = logged.get(id)
    if (!entry) accuse('log', said ? 'an answer is not there' : 'a client that left is not there')
    else if (
      said &&
      (entry.usage.promptTokens !== said.usage.prompt_tokens ||
        entry.usage.completionTokens !== said.usage.completion_tokens)
    )
      accuse('log', 'other counts than on the wire')
  }
  for (const { outcome } of logged.values())
    if (!['stop', 'length', 'tool-calls', 'cancelled'].includes(outcome)) accuse('log', `outcome ${outcome}`)
  for (const secret of [...keys, 'Repeat:', 'Count to three', 'and m'])
    if (service.stderr().includes(secret)) accuse('log', `'${secret}' is in it`)
}

async function checkRest(watches: readonly Watch[], filesBefore: readonly number[]): Promise<void> {
  await agent.close()
  for (let tries = 0; ; tries++) {
    const { text } = await service.client.get('/metrics')
    const running = [...text.matchAll(/^tidegate_completions_running\{.*\} (\d+)$/gm)].map(([, count]) => count)
    const open = watches.map(({ files }, index) => files() - (filesBefore[index] ?? 0))
    if (running.every((count) => count === '0') && open.every((count) => count <= 4)) break
    if (tries === 50) {
      accuse('rest', `running: ${running}, files more than before: ${open}`)
      break
    }
    await pause(100)
  }
  for (const { name, growth } of watches) if (growth() > growthMax) accuse('memory', `${name} grew by ${growth()} MiB`)
  if (equal < compared * equalMin) accuse('greedy', `only ${equal} of ${compared} answers are those of a lone run`)
}

try {
  const alone: string[] = []
  for (const fields of references)
    alone.push(
      await run({ kind: 'alone', body: bodyB({ ...fields, user_id: 'alone' }) }, bootstrapKey).then((said) =>
        said ? saidOf(said) : '',
      ),
    )
  const watches = [watch('server', service.process.pid ?? 0), watch('engine', childPid)]
  const filesBefore = watches.map(({ files }) => files())
  tokens = 0
  const began = performance.now()
  const until = began + seconds * 1_000
  await Promise.all(Array.from({ length: streams }, (_, number) => client(number, until, alone)))
  const took = (performance.now() - began) / 1_000
  for (const one of watches) one.stop()
  await checkRest(watches, filesBefore)
  const ended = once(service.process, 'exit')
  service.process.kill('SIGTERM')
  const [code] = await ended
  if (code !== 0) accuse('end', `exit code ${code}`)
  checkLog()
  report(took, watches)
} finally {
  await service.stop()
}
process.exitCode = wrong.size === 0 ? 0 : 1

function report(took: number, watches: readonly Watch[]): void {
  const all = [...done.values()].reduce((a, b) => a + b, 0)
  const sorted = firstByteMs.toSorted((a, b) => a - b)
  const at = (share: number) => `${Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)} ms`
  const rows: [string, string][] = [
    ['streams', `${streams} for ${took.toFixed(1)} s`],
    ['answers', `${all}, ${(all / took).toFixed(1)} a second`],
    ...[...done].map(([kind, count]): [string, string] => [`  ${kind}`, String(count)]),
    ['tokens', `${tokens}, ${Math.round(tokens / took)} a second`],
    ['first byte', `half within ${at(0.5)}, 95 % within ${at(0.95)}`],
    ['as alone', `${equal} of ${compared} greedy answers`],
    ...watches.map(({ name, samples, growth }): [string, string] => [
      `memory, ${name}`,
      `${samples[0]} MiB at first, ${Math.max(...samples)} at most, ${samples.at(-1)} at last, growth ${growth()}`,
    ]),
    ['violations', String([...wrong.values()].reduce((a, b) => a + b, 0))],
    ...[...wrong].slice(0, 20).map(([what, count]): [string, string] => [`  ${count} times`, what]),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  for (const [name, value] of rows) process.stdout.write(`${name.padEnd(width)}  ${value}\n`)
}
