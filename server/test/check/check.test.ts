import { describe, expect, test } from 'vitest'
import { allAreas } from '../../src/check/all-checks.ts'
import type { Target } from '../../src/check/probe.ts'
import { type Column, chosenAreas, runChecks } from '../../src/check/run-checks.ts'
import { startInFront } from '../../src/cli/in-front.ts'
import { defaultLimits } from '../../src/completion/limits.ts'
import { engineKinds } from '../../src/config/schema.ts'
import { remoteKinds } from '../../src/engines/kinds.ts'
import { doubled } from '../contract/harness.ts'
import { doubles } from '../doubles/catalog.ts'
import { type Meddling, startMeddler } from '../doubles/meddler.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { obedient } from './obedient-model.ts'

/** `tidegate check` on Tidegate itself with a model that does as it is asked, and on the same with one thing spoiled. */

const check = (target: Target, only?: readonly string[]): Promise<Column> =>
  runChecks(target, {
    areas: chosenAreas(only).areas,
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })

/** Each check that is not kept, with what is said of it. */
const notKept = ({ results }: Column, verdict: string) =>
  Object.fromEntries(
    [...results].flatMap(([id, result]) =>
      result.verdict.verdict === verdict && result.verdict.verdict !== 'kept' ? [[id, result.verdict.reason]] : [],
    ),
  )

const start = async () => {
  const { client } = await doubled(obedient, { constrains: true })
  return { origin: client.origin, model: 'deepseek-v4-flash', key: client.key }
}

test('every check has an id of its own and a clause', () => {
  const checks = allAreas.flatMap((area) => area.checks)
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
  for (const { contract } of checks) expect(contract).toMatch(/C\d+|section/)
})

test('Tidegate keeps everything', { timeout: 120_000 }, async () => {
  const { origin, model, key } = await start()
  const column = await check({ baseUrl: `${origin}/v1`, model, key })
  expect(notKept(column, 'broken')).toEqual({})
  expect(notKept(column, 'not-offered')).toEqual({})
  // Neither is slow enough for these: what cannot be seen is not claimed.
  expect(Object.keys(notKept(column, 'cannot-tell')).sort()).toEqual(['T95', 'T98'])
})

const modelOn = (engine: string, id: string) => ({
  id,
  displayName: id,
  aliases: [],
  engines: [{ engine, weight: 1 }],
  thinkingByDefault: true,
})

interface Case {
  readonly name: string
  readonly meddling: Meddling
  /** The checks that break, and no others. */
  readonly breaks: readonly string[]
  /** Of these, what nobody in front can bring back. */
  readonly lost?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'ignores response_format',
    meddling: { asks: ({ response_format: _, ...body }) => body },
    breaks: ['C54', 'C56', 'C58', 'T32', 'T76', 'T79', 'T80', 'T81'],
  },
  {
    name: 'ignores stops',
    meddling: { asks: ({ stop: _, ...body }) => body },
    breaks: ['C62', 'C64', 'C65', 'T27', 'T82'],
  },
  {
    name: 'ignores n',
    meddling: { asks: ({ n: _, ...body }) => body },
    breaks: ['T35'],
  },
  {
    name: 'ignores tool_choice',
    meddling: { asks: ({ tool_choice: _, ...body }) => body },
    breaks: ['C44', 'C46', 'C52', 'T65', 'T66', 'T67'],
    // Its model is asked twice and calls nothing.
    lost: ['C44', 'C46', 'C52', 'T67'],
  },
  {
    name: 'puts integers into codes',
    meddling: {
      answers: (payload) => ('error' in payload ? { error: { ...payload.error, code: 400 } } : payload),
    },
    breaks: ['C89', 'C90', 'T16', 'T50'],
  },
  {
    name: 'sends null in every delta',
    meddling: {
      answers: ({ choices, ...chunk }) => ({
        ...chunk,
        ...(choices && {
          choices: choices.map((choice: { delta?: object }) => ({
            ...choice,
            ...(choice.delta && { delta: { tool_calls: null, ...choice.delta } }),
          })),
        }),
      }),
    },
    breaks: ['C76', 'T88'],
  },
  {
    name: 'has no usage in streams',
    meddling: {
      answers: ({ usage, ...payload }) => {
        if (payload.object !== 'chat.completion.chunk') return usage === undefined ? payload : { ...payload, usage }
        return payload.choices.length > 0 ? payload : undefined
      },
    },
    breaks: ['T90'],
  },
  {
    name: 'thinks in the content',
    meddling: {
      answers: (payload) => {
        const [choice] = payload.choices ?? []
        const { reasoning_content, ...message } = choice?.message ?? {}
        if (reasoning_content === undefined) return payload
        const content = `<think>${reasoning_content}</think>${message.content}`
        return { ...payload, choices: [{ ...choice, message: { ...message, content } }] }
      },
    },
    breaks: ['C35', 'T52', 'T79'],
  },
]

describe.each(cases)('a server that $name', ({ meddling, breaks, lost = [] }) => {
  test('breaks exactly what it breaks, and keeps it behind Tidegate', { timeout: 120_000 }, async () => {
    const { origin, model, key } = await start()
    const url = await startMeddler(origin, meddling)
    const direct = await check({ baseUrl: `${url}/v1`, model, key })
    expect(Object.keys(notKept(direct, 'broken')).sort(), JSON.stringify(notKept(direct, 'broken'))).toEqual(breaks)

    const front = await startInFront(
      {
        id: 'spoiled',
        kind: 'openai',
        url,
        apiKey: key,
        model,
        concurrency: 100,
        contextWindow: 4096,
        maxOutput: 4096,
        thinking: true,
        logprobs: true,
      },
      modelOn('spoiled', model),
      defaultLimits,
    )
    try {
      const asked = breaks.filter((id) => !lost.includes(id))
      const { results } = await check(front.target, asked)
      expect([...results].map(([id, { verdict }]) => [id, verdict]).sort()).toEqual(
        asked.map((id) => [id, { verdict: 'kept' }]),
      )
    } finally {
      await front.close()
    }
  })
})

test('a server that is busy is waited for, and then nothing is said of it', async () => {
  const said = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] })
  const headers = { 'content-type': 'application/json', 'retry-after': '0' }
  const surveyed = 5
  const upstream = await startUpstream((_, index) =>
    index < surveyed ? { headers, pieces: [said] } : { status: 429, headers, pieces: ['{}'] },
  )
  const { results } = await check({ baseUrl: upstream.url, model: 'm' }, ['T35'])
  expect(results.get('T35')?.verdict).toEqual({
    verdict: 'cannot-tell',
    reason: 'it answered 429 again and again',
  })
  expect(upstream.received.length).toBe(surveyed + 4)
})

test('a key that the server repeats is not shown', async () => {
  const key = 'sk-repeated-0123456789'
  const upstream = await startUpstream({
    status: 400,
    headers: { 'content-type': 'application/json' },
    pieces: [JSON.stringify({ error: { message: `No credit for ${key}.` } })],
  })
  await expect(check({ baseUrl: upstream.url, model: 'm', key })).rejects.toThrow(
    'The server refuses the plainest request with 400: "No credit for ****."',
  )
})

const wellBehaved = doubles.filter(({ name, kind }) => name === kind)

test('there is a server of each kind that behaves', () => {
  expect(wellBehaved.map(({ kind }) => kind).sort()).toEqual(Object.keys(remoteKinds).sort())
})

test.each(wellBehaved)(
  'behind Tidegate a server of kind $kind breaks nothing',
  { timeout: 120_000 },
  async (double) => {
    const { url } = await startUpstream(double.replies())
    const engine = engineKinds[double.kind].parse({
      id: 'own',
      kind: double.kind,
      url,
      apiKey: 'none',
      model: 'upstream-model',
      thinking: true,
    })
    const front = await startInFront(engine, modelOn('own', 'mine'), defaultLimits)
    try {
      expect(notKept(await check(front.target), 'broken')).toEqual({})
    } finally {
      await front.close()
    }
  },
)
