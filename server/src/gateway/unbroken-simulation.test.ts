import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { mortalModel } from '../../test/mortal-model.ts'
import { callOf, modelOf, replicaOf, requestOf } from '../../test/replicas.ts'
import { scriptedEngine } from '../../test/scripted-engine.ts'
import type { CompletionEvent } from '../completion/event.ts'
import { compose } from '../completion/layer.ts'
import { defaultLimits } from '../completion/limits.ts'
import type { CompletionRequest } from '../completion/request.ts'
import { sealed } from '../completion/sealed.ts'
import type { Resume } from '../completion/serve.ts'
import { createCatalog } from '../engines/catalog.ts'
import type { Engine } from '../engines/engine.ts'
import { rawEngine } from '../engines/raw/engine.ts'
import { generatingBy, type Hear, type TokenEngine } from '../engines/token-engine.ts'
import { createMetrics } from '../lib/metrics.ts'
import { dispatch } from './dispatch.ts'
import { type Meter, meter } from './meter.ts'

/** Many answers over engines that die, stall, slow down, break characters, repeat themselves and lie, on a virtual clock. */

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const limits = { ...defaultLimits, interTokenMs: 3_000, firstTokenMs: 5_000, maxAttempts: 4, restartMs: 2_000 }

const call = `<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">
<｜DSML｜parameter name="a" string="true">Ös😀</｜DSML｜parameter>\n</｜DSML｜invoke>\n`
const tools = { tools: [{ name: 'f', strict: false }], toolChoice: { type: 'auto' } } as const
const thinking = { thinking: { enabled: true, effort: 'high' } } as const
const answers: readonly (readonly [raw: string, fields: Partial<CompletionRequest>])[] = [
  ['Let me see: 😀</think>\n\nYes, it is so.\n\nOr is it?', thinking],
  ['One, two,\n\n three 日本 four', {}],
  ['aEND OF USbEND OF ITc', { stop: ['END OF IT'] }],
  ['```json\n{"a": [1, 2], "b": "x😀"}\n```', { format: { type: 'json_object' } }],
  [
    `I look.</think>\n\nWell.\n\n${call}${call.slice(call.indexOf('\n') + 1)}</｜DSML｜tool_calls>`,
    { ...thinking, ...tools },
  ],
  ['Hm, word by word', { maxTokens: 7 }],
]

/** What an engine does wrong in one run, after so many tokens. */
const fault = fc.record({
  after: fc.nat(24),
  ends: fc.constantFrom('lost', 'stall', 'silent', 'stop-if-done' as const),
  lies: fc.constantFrom(undefined, undefined, undefined, 0, 3),
  repeats: fc.boolean().map((often) => often && 'again'),
})
const story = fc.record({
  answer: fc.constantFrom(...answers),
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
  replicas: fc.integer({ min: 1, max: 4 }),
  faults: fc.array(fault, { maxLength: 5 }),
  honest: fc.boolean(),
  whole: fc.boolean(),
  leavesAfterMs: fc.option(fc.nat(2_000), { freq: 8 }),
  delayMs: fc.constantFrom(0, 10, 100, 700),
  hedgeAfterMs: fc.option(fc.integer({ min: 1, max: 1_500 })),
  /** Engines that are about to stop: from when on, and for how long. */
  drains: fc.array(fc.record({ engine: fc.nat(3), fromMs: fc.nat(600), forMs: fc.integer({ min: 300, max: 3_000 }) }), {
    maxLength: 3,
  }),
})
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never

/** Tokens of uneven length; a character of several bytes may be several tokens, all but the last of them without text. */
function tokensOf(raw: string, cuts: readonly number[]): string {
  const tokens: string[] = []
  const points = [...raw]
  for (let at = 0, turn = 0; at < points.length; turn++) {
    const token = points.slice(at, at + (cuts[turn % cuts.length] ?? 1)).join('')
    if (token.length === 2 && Buffer.byteLength(token) === 4) tokens.push('')
    tokens.push(token)
    at += [...token].length
  }
  return tokens.join('·')
}

/** The engines, made once; what they do is told anew for each story. */
function fleet() {
  const now: { model: ReturnType<typeof mortalModel>; wrong: { lies: number | undefined; repeats: string | false }[] } =
    {
      model: () => '',
      wrong: [],
    }
  const engines: Engine[] = [0, 1, 2, 3].map((index) => {
    const honest = scriptedEngine({ id: `engine ${index}`, runs: (generation) => now.model(generation), facts: {} })
    const engine: TokenEngine = generatingBy(honest, (generation, one, hear) => {
      const wrong = now.wrong.shift()
      return honest.generate(generation, one, wrong ? lying(hear, wrong) : hear)
    })
    return rawEngine(engine, limits)
  })
  return { now, engines }
}

const lying =
  (hear: Hear, { lies, repeats }: { lies: number | undefined; repeats: string | false }): Hear =>
  (event) => {
    hear(event.type === 'text' && lies !== undefined ? { ...event, tokens: lies } : event)
    if (event.type === 'text' && repeats) hear(event)
  }

const word = (events: readonly CompletionEvent[], type: 'reasoning' | 'text') =>
  events.flatMap((event) => (event.type === type ? event.text : [])).join('')

function saidIn(events: readonly CompletionEvent[]) {
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event] : []))
  return { reasoning: word(events, 'reasoning'), text: word(events, 'text'), calls: calls.map((one) => one.call) }
}

test('every stream is one answer, told once, settled once, whatever its engines do', async () => {
  const { now, engines } = fleet()
  const seen = { finished: 0, failed: 0, resumed: 0, drained: 0, hedged: 0 }

  async function tell(
    { answer: [raw, fields], cuts, replicas, whole, leavesAfterMs, delayMs, drains, hedgeAfterMs }: Story,
    faults: Story['faults'],
    honest: boolean,
  ) {
    const tokens = tokensOf(raw, cuts)
    const model = mortalModel(
      tokens,
      faults.map(({ after, ends }) => ({ after, ends: ends === 'stop-if-done' ? 'lost' : (ends as 'lost') })),
    )
    now.model = (generation) => {
      const script = model(generation)
      return { ...(typeof script === 'string' ? { raw: script } : script), delayMs }
    }
    now.wrong = honest ? [] : faults.map(({ lies, repeats }) => ({ lies, repeats }))
    const holds = { held: 0, settled: 0, completionTokens: -1 }
    const ledger: Meter = {
      hold: async () => {
        holds.held++
        return { granted: true, maxTokens: fields.maxTokens ?? 100 }
      },
      settle: async ({ usage }) => {
        holds.settled++
        holds.completionTokens = usage.completionTokens
        return null
      },
      follow: () => () => undefined,
    }
    const began = Date.now()
    const behind = engines.slice(0, replicas).map(({ id, serve, continues }, index) => ({
      ...replicaOf(id, sealed(() => undefined)(serve)),
      ...(continues && { continues }),
      leaving: () =>
        drains.some(({ engine, fromMs, forMs }) => {
          const since = Date.now() - began - fromMs
          return engine === index && since >= 0 && since < forMs
        }),
    }))
    const hedge = hedgeAfterMs === null ? {} : { hedge: { afterMs: hedgeAfterMs, shareMax: 1 } }
    let resumes = 0
    let endedAt = 0
    const serve = compose(
      [
        sealed(() => undefined),
        meter(ledger, { priceOf: () => undefined, hangUp: 'generated', onDefect: () => undefined }),
      ],
      dispatch(createCatalog([modelOf('m', behind, hedge)]), limits, createMetrics()),
    )
    let hedges = 0
    const leaving = new AbortController()
    if (leavesAfterMs !== null) setTimeout(() => leaving.abort(), leavesAfterMs)
    const onResumed = ({ reason }: Resume) => {
      resumes++
      if (reason === 'drain') seen.drained++
    }
    const asked = callOf({ signal: leaving.signal, whole, onResumed, onHedged: () => void hedges++ })
    const events: CompletionEvent[] = []
    const reading = (async () => {
      const request = requestOf({ maxTokens: 100, ...fields })
      events.push(await serve(request, asked, (piece) => void events.push(piece)))
      endedAt = Date.now()
    })()
    await vi.runAllTimersAsync()
    await reading
    // Nothing waits on for an answer that is over.
    expect(Date.now() - endedAt).toBeLessThan(limits.queueMs / 2)
    for (const { queue } of behind) expect([queue.taken, queue.waiting]).toEqual([0, 0])
    return { events, holds, resumes, hedges, left: leaving.signal.aborted }
  }

  await fc.assert(
    fc.asyncProperty(story, async (one) => {
      const undisturbed = await tell({ ...one, leavesAfterMs: null, drains: [], hedgeAfterMs: null }, [], true)
      const reference = saidIn(undisturbed.events)
      const end = undisturbed.events.at(-1)
      const { events, holds, resumes, hedges, left } = await tell(one, one.faults, one.honest)

      expect(holds).toMatchObject({ held: 1, settled: 1 })
      expect(events.filter(({ type }) => type === 'started').length).toBeLessThanOrEqual(1)
      expect(events.findIndex(({ type }) => type === 'finished' || type === 'failed')).toBe(events.length - 1)
      const said = saidIn(events)
      expect(new Set(said.calls.map(({ id }) => id)).size).toBe(said.calls.length)
      const indexes = events.flatMap((event) => (event.type === 'tool-call' ? [event.index] : []))
      expect(indexes).toEqual(indexes.map((_, index) => index))

      const last = events.at(-1)
      seen.resumed += resumes
      seen.hedged += hedges
      expect(hedges).toBeLessThanOrEqual(1)
      if (last?.type === 'finished') seen.finished++
      else if (!left) seen.failed++
      if (!one.honest) return
      // What was said is the beginning of the one answer, and all of it where that was finished.
      expect(reference.reasoning.startsWith(said.reasoning)).toBe(true)
      expect(reference.text.startsWith(said.text)).toBe(true)
      if (last?.type !== 'finished') return
      expect({ ...said, calls: said.calls.map((one) => one.arguments) }).toEqual({
        ...reference,
        calls: reference.calls.map((one) => one.arguments),
      })
      const cachedTokens = expect.any(Number)
      expect(last).toEqual(end?.type === 'finished' ? { ...end, usage: { ...end.usage, cachedTokens } } : end)
      expect(holds.completionTokens).toBe(undisturbed.holds.completionTokens)
    }),
    { numRuns: Number(process.env.SIMULATED ?? 1_000), seed: 30 },
  )
  // The stories are worth telling.
  expect(seen.finished).toBeGreaterThan(300)
  expect(seen.resumed).toBeGreaterThan(300)
  expect(seen.failed).toBeGreaterThan(10)
  expect(seen.hedged).toBeGreaterThan(50)
  expect(seen.drained).toBeGreaterThan(30)
}, 240_000)
