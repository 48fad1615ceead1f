import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generated, generating } from '../../test/generating.ts'
import { type ScriptedEngine, type ScriptedEngineOptions, scriptedEngine } from '../../test/scripted-engine.ts'
import { cued } from './cued.ts'
import type { Constraint, Generation, GenerationEvent } from './token-engine.ts'

const json: Constraint = { gbnf: 'root ::= "{}"', after: '</think>' }
const call: Constraint = { gbnf: 'root ::= "call"', after: '<call>' }
const generation: Generation = {
  prompt: ['<u>', 'Hello'],
  sampling: { temperature: 1, topP: 1 },
  maxTokens: 100,
  constraints: [json, call],
  banned: [],
}

async function run(
  runs: ScriptedEngineOptions['runs'],
  change: Partial<Generation> = {},
): Promise<{ engine: ScriptedEngine; events: GenerationEvent[]; text: string; tokens: number }> {
  const engine = scriptedEngine({ runs, constrains: true })
  const signal = new AbortController().signal
  const events = await Array.fromAsync(
    generated(cued(engine), { ...generation, ...change }, { id: 'r', namespace: 'n', signal }),
  )
  const said = events.filter((event) => event.type === 'text')
  return {
    engine,
    events,
    text: said.map(({ text }) => text).join(''),
    tokens: said.reduce((sum, { tokens }) => sum + tokens, 0),
  }
}

/** The second run is the one that has a grammar. */
const inTurn: ScriptedEngineOptions['runs'] = ({ constraints }) =>
  constraints.length > 0 ? '{·}' : 'I ·see</th·ink> no·'

test('the first run ends at its cue, the second one begins behind it under the grammar', async () => {
  const { engine, events, text, tokens } = await run(inTurn)
  expect(text).toBe('I see</think>{}')
  // Of ` no` in the token `ink> no` nothing is left, but the token was written.
  expect(tokens).toBe(3 + 2)
  expect(events.filter(({ type }) => type === 'started')).toHaveLength(1)
  expect(events.at(-1)).toEqual({ type: 'ended', reason: 'stop' })
  expect(engine.got).toMatchObject([
    { prompt: ['<u>', 'Hello'], constraints: [], maxTokens: 100 },
    { prompt: ['<u>', 'Hello', 'I see</think>'], constraints: [{ gbnf: json.gbnf }], maxTokens: 97 },
  ])
  expect(engine.got[1]?.constraints[0]).not.toHaveProperty('after')
  expect(engine.runs[0]?.cancelled).toBe(true)
})

test('the cue that comes first rules; without any, one run is all', async () => {
  const first = await run(({ constraints }) => (constraints.length > 0 ? 'call' : 'a<ca·ll>b</think>c'))
  expect(first.text).toBe('a<call>call')
  expect(first.engine.got[1]?.constraints).toEqual([{ gbnf: call.gbnf }])
  const none = await run(['just ·text'])
  expect(none.text).toBe('just text')
  expect(none.engine.got).toHaveLength(1)
})

test('a grammar that rules from the first token goes through as it is, alone', async () => {
  const { engine } = await run(['{}'], { constraints: [call, { gbnf: json.gbnf }] })
  expect(engine.got).toMatchObject([{ constraints: [{ gbnf: json.gbnf }] }])
})

test('the limit counts over both runs', async () => {
  expect((await run(inTurn, { maxTokens: 4 })).events.at(-1)).toEqual({ type: 'ended', reason: 'length' })
  const atCue = await run(inTurn, { maxTokens: 3 })
  expect(atCue.events.at(-1)).toEqual({ type: 'ended', reason: 'length' })
  expect(atCue.engine.got).toHaveLength(1)
})

test('no room behind the cue is an end, not a failure', async () => {
  // Four units are one token in the double: the first prompt fits, the second one does not.
  const engine = scriptedEngine({ runs: inTurn, constrains: true, facts: { contextWindow: 4 } })
  const signal = new AbortController().signal
  const events = await Array.fromAsync(generated(cued(engine), generation, { id: 'r', namespace: 'n', signal }))
  expect(events.at(-1)).toEqual({ type: 'ended', reason: 'length' })
})

test('the caller ends either run', async () => {
  for (const runs of [[{ raw: 'a', ends: 'stall' }], [{ raw: '</think>' }, { raw: '{', ends: 'stall' }]] as const) {
    const leaving = new AbortController()
    const engine = scriptedEngine({ runs, constrains: true })
    const call = { id: 'r', namespace: 'n', signal: leaving.signal }
    const read = async () => {
      for await (const event of generated(cued(engine), generation, call))
        if (event.type === 'text' && event.text === runs.at(-1)?.raw) leaving.abort()
    }
    await expect(read()).rejects.toMatchObject({ failure: { code: 'cancelled' } })
    expect(engine.runs.at(-1)?.cancelled).toBe(true)
  }
})

test('what is said, and how many tokens count, does not depend on where the text was cut', async () => {
  const piece = fc.constantFrom('</think>', '</', 'think>', '<call>', 'a<b', 'ö', '😀', 'k>')
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(40)), async (pieces, cuts) => {
      const whole = pieces.join('')
      const ends = ['</think>', '<call>'].flatMap((cue) => (whole.includes(cue) ? whole.indexOf(cue) + cue.length : []))
      const end = Math.min(...ends)
      const borders = [...new Set(cuts)].filter((at) => at > 0 && at < whole.length).sort((a, b) => a - b)
      const tokens = [0, ...borders].map((at, i) => whole.slice(at, borders[i] ?? whole.length))
      const said = await run(({ constraints }) => (constraints.length > 0 ? 'X' : tokens.join('·')))
      expect(said.text).toBe(ends.length > 0 ? `${whole.slice(0, end)}X` : whole)
      const begun = [0, ...borders].filter((at) => at < Math.min(end, whole.length)).length
      expect(said.tokens).toBe(whole === '' ? 0 : begun + (ends.length > 0 ? 1 : 0))
    }),
    { numRuns: 300 },
  )
})

test('of several tokens in one event, those behind the cue do not count', async () => {
  const logprob = (token: string) => ({ token, bytes: [...Buffer.from(token)], logprob: -1, top: [] })
  const tokens = ['a', '</think', '>b', 'c'].map(logprob)
  const engine = scriptedEngine({ runs: ['X'], constrains: true })
  const joined = {
    ...engine,
    facts: engine.facts,
    generate: generating(async function* (asked, by) {
      if (asked.constraints.length > 0) return yield* generated(engine, asked, by)
      yield { type: 'text', text: 'a</think>bc', tokens: 4, logprobs: tokens }
    }),
  }
  const signal = new AbortController().signal
  const events = await Array.fromAsync(generated(cued(joined), generation, { id: 'r', namespace: 'n', signal }))
  expect(events[0]).toEqual({ type: 'text', text: 'a</think>', tokens: 3, logprobs: tokens.slice(0, 3) })
})
