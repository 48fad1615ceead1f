import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generated } from '../../../test/generating.ts'
import { ServeError } from '../../completion/failure.ts'
import type { Generation, GenerationEvent } from '../token-engine.ts'
import { createLlamaEngine, type LlamaEngine } from './engine.ts'
import { AHEAD_MAX } from './protocol.ts'

const path = resolve(import.meta.dirname, '../../../../models/demo/tidegate-demo.gguf')
const silent = { info: () => {}, warn: () => {}, error: () => {} }
const CONTEXT = 2_048

let engine: LlamaEngine

beforeAll(async () => {
  engine = await createLlamaEngine({ id: 'test', path, contextSize: CONTEXT, slots: 4, log: silent })
})
afterAll(() => engine.close())

/** Text that goes on until the limit, whatever the model would rather do. */
const ENDLESS = { gbnf: 'root ::= [a-z ] root' }
const OBJECT = {
  gbnf: String.raw`root ::= "{\"name\": \"" [A-Za-z0-9 ]{1,8} "\", \"n\": " [0-9]{1,3} "}"`,
}
const chat = (text: string) => `<｜begin▁of▁sentence｜><｜User｜>${text}<｜Assistant｜></think>`

const generation = (fields: Partial<Generation> = {}): Generation => ({
  prompt: [chat('Hello!')],
  sampling: { temperature: 1, topP: 1, seed: 7 },
  maxTokens: 64,
  constraints: [],
  banned: [],
  ...fields,
})

function start(fields: Partial<Generation> = {}, namespace = 'a', on = engine) {
  const abort = new AbortController()
  return { abort, events: generated(on, generation(fields), { id: 'req', namespace, signal: abort.signal }) }
}

interface Said {
  text: string
  tokens: number
  promptTokens: number
  cachedTokens: number
  reason?: 'stop' | 'length'
  logprobs: NonNullable<Extract<GenerationEvent, { type: 'text' }>['logprobs']>[number][]
}

async function said(events: AsyncIterable<GenerationEvent>, onToken = () => {}): Promise<Said> {
  const all: Said = { text: '', tokens: 0, promptTokens: -1, cachedTokens: -1, logprobs: [] }
  for await (const event of events)
    switch (event.type) {
      case 'started':
        all.promptTokens = event.promptTokens
        all.cachedTokens = event.cachedTokens
        break
      case 'text':
        all.text += event.text
        all.tokens += event.tokens
        all.logprobs.push(...(event.logprobs ?? []))
        if (event.tokens > 0) onToken()
        break
      case 'ended':
        all.reason = event.reason
        break
      case 'progress':
        break
      default:
        event satisfies never
    }
  return all
}

const say = (fields: Partial<Generation> = {}, namespace = 'a', on = engine) =>
  said(start(fields, namespace, on).events)

const failureOf = (answer: Promise<unknown>) =>
  answer.then(
    () => undefined,
    (error: unknown) => (error instanceof ServeError ? error.failure : error),
  )

test('EM2: the facts name the control tokens, and none is ever generated', async () => {
  const { controlTokens, specialTokens, contextWindow, digest } = engine.facts
  expect(controlTokens).toEqual(expect.arrayContaining(['<｜begin▁of▁sentence｜>', '<｜User｜>', '<｜Assistant｜>']))
  expect(specialTokens).toEqual(expect.arrayContaining([...controlTokens, '<think>', '</think>', '｜DSML｜']))
  expect(contextWindow).toBe(CONTEXT)
  expect(digest).toMatch(/^[0-9a-f]{16}$/)
  // Even a grammar that asks for its text gets that from other tokens.
  for (const token of controlTokens.filter((text) => text !== engine.facts.eosToken)) {
    const forced = { constraints: [{ gbnf: `root ::= "${token}!"` }], maxTokens: 1, logprobs: { top: 20 } }
    const possible = (await say(forced)).logprobs[0]?.top.filter(({ logprob }) => logprob > -100) ?? []
    expect(possible.length).toBeGreaterThan(0)
    expect(possible.map((candidate) => candidate.token)).not.toContain(token)
  }
})

test('parallel answers advance together, one token each in a step', async () => {
  const counts = [0, 0, 0, 0]
  let lead = 0
  const answers = await Promise.all(
    counts.map((_, index) =>
      said(start({ constraints: [ENDLESS], maxTokens: 150 }, `n${index}`).events, () => {
        counts[index] = (counts[index] ?? 0) + 1
        if (Math.min(...counts) > 5 && Math.max(...counts) < 140)
          lead = Math.max(lead, Math.max(...counts) - Math.min(...counts))
      }),
    ),
  )
  for (const answer of answers) expect(answer).toMatchObject({ tokens: 150, reason: 'length' })
  expect(lead).toBeLessThan(20)
})

test('more requests than slots all get their turn', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => say({ constraints: [ENDLESS], maxTokens: 10 }, `user${i}`)),
  )
  expect(answers.map(({ tokens }) => tokens)).toEqual(Array.from({ length: 12 }, () => 10))
})

test('a long prompt goes in by chunks: a running answer goes on beside it', async () => {
  let tokens = 0
  const running = said(start({ constraints: [ENDLESS], maxTokens: 700 }, 'a').events, () => tokens++)
  const first = await start({ constraints: [ENDLESS], maxTokens: 1 }, 'warm')
    .events[Symbol.asyncIterator]()
    .next()
  expect(first.value).toMatchObject({ type: 'started' })
  const before = tokens
  let chunks = 0
  let after = 0
  const long = Array.from({ length: 1_000 }, () => '7')
  for await (const event of start({ prompt: long, constraints: [ENDLESS], maxTokens: 1 }, 'b').events) {
    if (event.type === 'progress') chunks++
    if (event.type === 'text') after = tokens
  }
  expect(chunks).toBeGreaterThan(12)
  expect(after - before).toBeGreaterThan(chunks / 2)
  expect((await running).tokens).toBe(700)
})

test('long prompts beside a running answer are read in turns', async () => {
  const answer = start({ constraints: [ENDLESS], maxTokens: 1_500 }, 'a')
  const writing = Promise.withResolvers<void>()
  const running = said(answer.events, writing.resolve).catch(() => undefined)
  await writing.promise
  const read: [number, number] = [0, 0]
  let started = 0
  let lead = 0
  const reads = (index: 0 | 1) => async () => {
    const prompt = Array.from({ length: 800 }, () => String(index + 3))
    for await (const event of start({ prompt, maxTokens: 1 }, `reader${index}`).events) {
      if (event.type === 'started') started++
      if (event.type !== 'progress') continue
      read[index] = event.promptTokensRead
      if (started === 2 && Math.max(...read) < 700) lead = Math.max(lead, Math.abs(read[0] - read[1]))
    }
  }
  await Promise.all([reads(0)(), reads(1)()])
  answer.abort.abort()
  await running
  expect(Math.min(...read)).toBeGreaterThan(700)
  // A piece, and another one that is told of at once.
  expect(lead).toBeLessThanOrEqual(3 * 64)
})

test('a cancelled answer stops within a few tokens and says so', async () => {
  const { abort, events } = start({ constraints: [ENDLESS], maxTokens: 1_500 })
  let tokens = 0
  let atAbort = 0
  const failure = await failureOf(
    said(events, () => {
      if (++tokens === 30) {
        atAbort = tokens
        abort.abort()
      }
    }),
  )
  expect(failure).toMatchObject({ code: 'cancelled' })
  expect(tokens - atAbort).toBeLessThan(60)
})

test('a reader who leaves frees the slot', async () => {
  for (let round = 0; round < 8; round++)
    for await (const event of start({ constraints: [ENDLESS], maxTokens: 2_000 }, `left${round}`).events)
      if (event.type === 'text') break
  expect(await say({ constraints: [ENDLESS], maxTokens: 5 })).toMatchObject({ tokens: 5 })
})

test('a request that was aborted before it began is not begun', async () => {
  const { abort, events } = start()
  abort.abort()
  expect(await failureOf(said(events))).toMatchObject({ code: 'cancelled' })
})

test('T93: cached tokens are what was really reused, and never those of another namespace', async () => {
  const prompt = [chat('Remember these words: house, tree, river, mountain, cloud.')]
  const cold = await say({ prompt, maxTokens: 4 }, 'user-1')
  const warm = await say({ prompt, maxTokens: 4 }, 'user-1')
  const other = await say({ prompt, maxTokens: 4 }, 'user-2')
  expect(cold.cachedTokens).toBe(0)
  expect(warm.cachedTokens).toBe(warm.promptTokens - 1)
  expect(other.cachedTokens).toBe(0)
  const changed = await say({ prompt: [`${prompt[0]} And then`], maxTokens: 4 }, 'user-1')
  expect(changed.cachedTokens).toBeGreaterThan(0)
  expect(changed.cachedTokens).toBeLessThan(changed.promptTokens)
})

test('T50: a prompt that leaves no room is refused with both numbers, one that leaves five tokens gets five', async () => {
  const digits = (count: number) => Array.from({ length: count }, () => '1')
  expect(await failureOf(say({ prompt: digits(CONTEXT) }))).toEqual({
    code: 'context-too-long',
    message: `This model's maximum context length is ${CONTEXT} tokens. Your messages have ${CONTEXT} tokens. Please shorten the messages.`,
    param: 'messages',
  })
  const short = await say({ prompt: digits(CONTEXT - 5), maxTokens: 100, constraints: [ENDLESS] })
  expect(short).toMatchObject({ promptTokens: CONTEXT - 5, tokens: 5, reason: 'length' })
})

test('C15: a count needs no slot, and is what the answer reports', async () => {
  const open = Array.from({ length: 4 }, (_, i) => start({ constraints: [ENDLESS], maxTokens: 1_500 }, `busy${i}`))
  const readers = open.map(({ events }) => events[Symbol.asyncIterator]())
  await Promise.all(readers.map((reader) => reader.next()))
  const prompts = [
    [chat('Hello!')],
    ['<｜User｜>', 'one', '<｜Us', 'er｜> \u6c49\u{1f600}', ' two'],
    [chat('Some words in a row. '.repeat(50)), 'and '.repeat(300)],
  ]
  const { signal } = new AbortController()
  const counts = await Promise.all(prompts.map((prompt) => engine.count(prompt, signal)))
  const beyond = await engine.count(['Some words in a row. '.repeat(3_000)], signal)
  expect(beyond).toBeGreaterThan(CONTEXT)
  for (const { abort } of open) abort.abort()
  await Promise.all(readers.map((reader) => failureOf(reader.next().then(() => reader.return?.()))))
  const reported = await Promise.all(prompts.map(async (prompt) => (await say({ prompt, maxTokens: 1 })).promptTokens))
  expect(counts).toEqual(reported)
})

test('many long prompts are counted in turns, and one that nobody needs any more is given up', async () => {
  let tokens = 0
  const running = said(start({ constraints: [ENDLESS], maxTokens: 400 }).events, () => tokens++)
  const leaving = new AbortController()
  const prompt = ['Some words in a row. '.repeat(20_000)]
  const counts = Array.from({ length: 6 }, () => failureOf(engine.count(prompt, leaving.signal)))
  const short = await engine.count(['Hello!'], new AbortController().signal)
  expect(short).toBeGreaterThan(1)
  leaving.abort()
  for (const failure of await Promise.all(counts)) expect(failure).toMatchObject({ code: 'cancelled' })
  expect((await running).tokens).toBe(400)
})

test('a prompt of megabytes is counted and refused while answers go on', async () => {
  let tokens = 0
  const running = said(start({ constraints: [ENDLESS], maxTokens: 600 }).events, () => tokens++)
  const failure = await failureOf(say({ prompt: ['Some words in a row. '.repeat(20_000)] }, 'b'))
  expect(failure).toMatchObject({ code: 'context-too-long', message: expect.stringMatching(/have \d{6} tokens/) })
  expect(tokens).toBeGreaterThan(10)
  await running
})

test('a control token that spans two pieces stays plain text', async () => {
  const { promptTokens: whole } = await say({ prompt: ['<｜User｜>'], maxTokens: 1 })
  const { promptTokens: cut } = await say({ prompt: ['<｜Us', 'er｜>'], maxTokens: 1 })
  expect(whole).toBe(1)
  expect(cut).toBeGreaterThan(3)
})

test('a grammar rules from the first token, and the answer ends when it is complete', async () => {
  for (const seed of [1, 2, 3]) {
    const { text, reason } = await say({ constraints: [OBJECT], sampling: { temperature: 1, topP: 1, seed } })
    expect(reason).toBe('stop')
    expect(JSON.parse(text)).toEqual({ name: expect.any(String), n: expect.any(Number) })
  }
})

test('a grammar that waits for its cue rules right behind it, also in the middle of a token', async () => {
  const constraints = ['e', 'a', 'i', 'o', 't'].map((after) => ({ ...OBJECT, after }))
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const { text, reason } = await say({ constraints, maxTokens: 200, sampling: { temperature: 1, topP: 1, seed } })
    expect(reason).toBe('stop')
    expect(text).toMatch(/^[^eaiot]*[eaiot]\{"name": "[A-Za-z0-9 ]+", "n": \d+\}$/)
  }
})

test('a grammar that does not compile fails the request and nothing else', async () => {
  for (const gbnf of ['root ::= (', 'start ::= "a"', 'root ::= root "a"'])
    expect(await failureOf(say({ constraints: [{ gbnf }] }))).toMatchObject({ code: 'invalid-request' })
  expect(engine.ready()).toBe(true)
  expect(await say({ maxTokens: 1 })).toMatchObject({ tokens: 1 })
})

test('banned tokens are not generated; what is no single token is ignored', async () => {
  const greedy = { sampling: { temperature: 0, topP: 1 }, maxTokens: 1, logprobs: { top: 20 } }
  const [free] = (await say(greedy)).logprobs
  const ranked = free?.top.map(({ token }) => token) ?? []
  expect(free?.token).toBe(ranked[0])
  const banned = ranked.slice(0, 10).filter((token) => token !== '' && !token.includes('\ufffd'))
  expect(banned).not.toEqual([])
  const [next] = (await say({ ...greedy, banned: [...banned, 'not one token'] })).logprobs
  expect(next?.token).toBe(ranked.find((token) => !banned.includes(token)))
})

test('log probabilities are those before sampling, and their bytes are the text', async () => {
  const ask = async (sampling: Generation['sampling']) =>
    (await say({ sampling, maxTokens: 1, logprobs: { top: 20 } }, 'logprobs')).logprobs[0]?.top ?? []
  const plain = await ask({ temperature: 1, topP: 1, seed: 3 })
  expect(plain).toHaveLength(20)
  expect(plain.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeLessThanOrEqual(1.0001)
  const others = [await ask({ temperature: 0, topP: 1 }), await ask({ temperature: 1.5, topP: 0.5, seed: 3 })]
  for (const top of others)
    for (const [index, { logprob }] of top.entries()) expect(logprob).toBeCloseTo(plain[index]?.logprob ?? 0, 1)
  for (const constraints of [[], [ENDLESS]]) {
    const { text, logprobs, tokens } = await say({ constraints, maxTokens: 40, logprobs: { top: 1 } })
    expect(logprobs).toHaveLength(tokens)
    expect(Buffer.from(logprobs.flatMap(({ bytes }) => bytes)).toString()).toBe(text)
  }
})

test('the same seed on the same cache says the same, and no seed is random', async () => {
  const hot = { sampling: { temperature: 2, topP: 1, seed: 11 }, constraints: [ENDLESS], maxTokens: 30 }
  await say(hot, 'seed')
  const texts = [await say(hot, 'seed'), await say(hot, 'seed')].map(({ text }) => text)
  expect(texts[0]).toBe(texts[1])
  // The tiny model falls into the same loop often enough that two draws may agree; eight do not.
  const free = { ...hot, sampling: { temperature: 2, topP: 1 } }
  const drawn = await Promise.all(Array.from({ length: 8 }, async () => (await say(free, 'seed')).text))
  expect(new Set(drawn).size).toBeGreaterThan(1)
})

test('C9: the engine is never far ahead of a slow reader, and does not hold up others', async () => {
  const slow = start({ constraints: [ENDLESS], maxTokens: 1_500 }, 'slow')
  const reader = slow.events[Symbol.asyncIterator]()
  await reader.next()
  await say({ constraints: [ENDLESS], maxTokens: 500 }, 'fast')
  slow.abort.abort()
  let waiting = 0
  const failure = await failureOf(
    (async () => {
      while (!(await reader.next()).done) waiting++
    })(),
  )
  expect(failure).toMatchObject({ code: 'cancelled' })
  expect(waiting).toBeGreaterThan(AHEAD_MAX / 2)
  expect(waiting).toBeLessThanOrEqual(AHEAD_MAX + 64)
})

test('EM4: when the process dies, what was in flight is lost, and the next request finds it back', async () => {
  const before = engine.pid
  const { events } = start({ constraints: [ENDLESS], maxTokens: 1_500 })
  let killed = false
  const failure = await failureOf(
    said(events, () => {
      if (!killed && before) process.kill(before, 'SIGKILL')
      killed = true
    }),
  )
  expect(failure).toMatchObject({ code: 'engine-lost' })
  expect(engine.ready()).toBe(false)
  const { signal } = new AbortController()
  expect(await failureOf(engine.count(['Hello!'], signal))).toMatchObject({ code: 'engine-unavailable' })
  expect(await say({ maxTokens: 3, constraints: [ENDLESS] })).toMatchObject({ tokens: 3, cachedTokens: 0 })
  expect(engine.pid).not.toBe(before)
})

test('a process that is told to end finishes what it has, takes nothing new, and is followed by another', async () => {
  const before = engine.pid ?? 0
  let asked = false
  const first = said(start({ constraints: [ENDLESS], maxTokens: 400 }).events, () => {
    if (!asked) process.kill(before, 'SIGTERM')
    asked = true
  })
  await expect.poll(() => engine.leaving(), { interval: 5 }).toBe(true)
  expect(engine.ready()).toBe(false)
  expect((await first).tokens).toBe(400)
  expect(await say({ maxTokens: 3, constraints: [ENDLESS] })).toMatchObject({ tokens: 3 })
  expect(engine.pid).not.toBe(before)
})

test('a process that hangs is replaced', async () => {
  const hanging = await createLlamaEngine({ id: 'hang', path, contextSize: 256, slots: 1, hangMs: 100, log: silent })
  const { pid } = hanging
  const { abort, events } = start({ constraints: [ENDLESS], maxTokens: 200 }, 'a', hanging)
  const failure = await failureOf(
    said(events, () => {
      if (pid) process.kill(pid, 'SIGSTOP')
      abort.abort()
    }),
  )
  expect(['cancelled', 'engine-lost']).toContain((failure as { code: string }).code)
  await expect.poll(() => hanging.ready() && hanging.pid !== pid, { timeout: 10_000 }).toBe(true)
  expect(await say({ maxTokens: 2, constraints: [ENDLESS] }, 'a', hanging)).toMatchObject({ tokens: 2 })
  await hanging.close()
  expect(await failureOf(say({}, 'a', hanging))).toMatchObject({ code: 'engine-unavailable' })
})

test('a server that is killed leaves no process behind', async () => {
  const engineUrl = new URL('./engine.ts', import.meta.url).href
  const script = `import { createLlamaEngine } from ${JSON.stringify(engineUrl)}
    const log = { info() {}, warn() {}, error() {} }
    const engine = await createLlamaEngine({ id: 'orphan', path: ${JSON.stringify(path)}, contextSize: 256, slots: 1, log })
    console.log(engine.pid)`
  const server = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await server.stdout.take(1).toArray()) as Buffer[]
  const pid = Number(line)
  expect(isAlive(pid)).toBe(true)
  server.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('files that cannot be served are refused in one line that names the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-gguf-'))
  try {
    const bytes = await readFile(path)
    const write = async (name: string, content: Buffer) => {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    }
    const name = Buffer.from('tokenizer.chat_template')
    const unnamed = Buffer.from(bytes)
    unnamed.write('tokenizer.chat_templatX', bytes.indexOf(name))
    const cases: [string, RegExp][] = [
      [join(folder, 'none.gguf'), /does not exist/],
      [folder, /is a folder/],
      [await write('text.gguf', Buffer.from('hello, world')), /not a GGUF/],
      [await write('head.gguf', bytes.subarray(0, 3_000)), /cut short/],
      [await write('half.gguf', bytes.subarray(0, bytes.length / 2)), /cannot be loaded/],
      [await write('plain.gguf', unnamed), /no chat template/],
    ]
    for (const [file, why] of cases) {
      const error = await createLlamaEngine({ id: 'no', path: file, log: silent }).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).message).toMatch(why)
      expect((error as Error).message).toContain(file)
      expect((error as Error).message).not.toContain('\n')
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('tokens that were written are gone on from as they are, whatever their text would be made of', async () => {
  const prompt = [chat('Say: naïve 😀 日本')]
  const ids: number[] = []
  const open: boolean[] = []
  let text = ''
  for await (const event of start({ prompt, maxTokens: 24, sampling: { temperature: 1, topP: 1, seed: 3 } }).events) {
    if (event.type !== 'text') continue
    text += event.text
    if (event.token !== undefined) ids.push(event.token)
    if (event.token !== undefined) open.push(event.open === true)
  }
  expect(ids.length).toBeGreaterThan(1)
  const { promptTokens } = await said(start({ prompt, maxTokens: 1 }).events)
  const whole = open.lastIndexOf(false) + 1
  const written = [{ piece: 1, tokens: ids.slice(0, whole), units: text.length }]
  const next = await said(start({ prompt: [...prompt, text], written, maxTokens: 1 }).events)
  expect(next.promptTokens).toBe(promptTokens + whole)
  // Nobody would make ten tokens of two letters.
  const odd = { piece: 1, tokens: Array.from({ length: 10 }, () => ids[0] ?? 0), units: 2 }
  const after = await said(start({ prompt: [...prompt, 'ab'], written: [odd], maxTokens: 1 }).events)
  expect(after.promptTokens).toBe(promptTokens + 10)
})
