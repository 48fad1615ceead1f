import { request } from 'undici'
import { expect, onTestFinished, test, vi } from 'vitest'
import { entriesOf, verifyLedger } from '../../src/ledger/audit.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { type Answer, bodyB, chunksOf, errorOf } from '../client.ts'
import { jam, onEachStore } from '../stores.ts'
import { type Doubled, doubled } from './harness.ts'

/** What an answer costs, and that nobody gets one that is not written down. */

const entries = async ({ storage }: Doubled) => (await Array.fromAsync(entriesOf(storage))).map(({ entry }) => entry)
const prepaid = ({ storage }: Doubled) => storage.db.updateTable('accounts').set({ prepaid: 1 }).execute()
const topUp = ({ ledger }: Doubled, amount: bigint) => ledger.topUp({ tenant: 'default', at: 1, amount, note: '' })

onEachStore(() => {
  test('C88: stream, plain answer and ledger show one number, and the charge is that of the price', async () => {
    const served = await doubled(['a·</think>·Hello·!'])
    const { client } = served
    const plain = await client.ask({})
    const streamed = await client.ask({ stream: true, user_id: 'alice' })
    expect(streamed.usage).toEqual(plain.usage)
    const { prompt_tokens: prompt, completion_tokens: completion } = plain.usage
    expect(await entries(served)).toMatchObject(
      [null, 'alice'].map((user, i) => ({
        seq: i + 1,
        kind: 'usage',
        model: 'deepseek-v4-flash',
        user,
        note: 'stop',
        usage: { promptTokens: prompt, completionTokens: completion, reasoningTokens: 2 },
        amount: -BigInt(prompt + 2 * completion),
      })),
    )
    expect((await verifyLedger(served.storage)).problems).toEqual([])
  })

  test('P2: nobody sees the end of an answer before its charge is on disk, in both modes', async () => {
    for (const stream of [true, false]) {
      const served = await doubled(['a</think>b'])
      const { client, ledger } = served
      const { settle } = ledger
      const gate = Promise.withResolvers<void>()
      const settling = Promise.withResolvers<void>()
      const gated: Ledger['settle'] = async (order) => {
        settling.resolve()
        await gate.promise
        return settle(order)
      }
      Object.assign(ledger, { settle: gated })
      let text = ''
      void request(`${client.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${client.key}` },
        body: JSON.stringify(bodyB({ stream })),
      }).then(({ body }) =>
        body.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        }),
      )
      await settling.promise
      if (stream) await expect.poll(() => text).toContain('"content":"b"')
      expect(text).not.toMatch(/"finish_reason":"|DONE/)
      expect(await entries(served)).toEqual([])
      gate.resolve()
      await expect.poll(() => text).toContain(stream ? 'data: [DONE]' : '"finish_reason":"stop"')
      expect(await entries(served)).toHaveLength(1)
    }
  })

  test('T13: who has nothing left gets 402 before the engine hears of it; after a top-up it goes on', async () => {
    const served = await doubled(['a</think>b'])
    const { client, engine } = served
    await topUp(served, 0n)
    await prepaid(served)
    const refused = await client.post(bodyB())
    expect([refused.status, errorOf(refused)]).toEqual([
      402,
      { message: 'Insufficient Balance', type: 'insufficient_balance', param: null, code: 'insufficient_balance' },
    ])
    expect(engine.runs).toHaveLength(0)
    expect(JSON.parse((await client.get('/user/balance')).text)).toMatchObject({ is_available: false })
    await topUp(served, 1_000_000n)
    expect((await client.ask({})).finishReason).toBe('stop')
    expect(JSON.parse((await client.get('/user/balance')).text).balance_infos[0].total_balance).toMatch(/^0\.9999/)
  })

  test('what a balance pays is the limit of the answer', async () => {
    const served = await doubled([Array(500).fill('x').join('·')])
    await topUp(served, 600n)
    await prepaid(served)
    const answer = await served.client.ask({ thinking: { type: 'disabled' } })
    expect(answer.finishReason).toBe('length')
    const [, charge] = await entries(served)
    expect(charge?.balance).toBeGreaterThanOrEqual(0n)
  })

  test.each([1, 2])(
    'who has the money for the prompt as it is gets no 402, although its bytes would cost more: %i replicas',
    async (count) => {
      const replicas = Array.from({ length: count - 1 }, () => ['a·b·c'])
      const served = await doubled(['a·b·c'], { replicas })
      const fields = {
        thinking: { type: 'disabled' },
        max_tokens: 3,
        messages: [{ role: 'user', content: 'words '.repeat(100) }],
      }
      const { usage } = await served.client.ask(fields)
      const { prompt_tokens: prompt, completion_tokens: completion } = usage
      await prepaid(served)
      const [charged] = await entries(served)
      const cost = BigInt(prompt + 2 * completion)
      expect([charged?.amount, completion]).toEqual([-cost, 3])
      await topUp(served, 2n * cost)
      // Another end user, for whom nothing is cached.
      expect((await served.client.ask({ ...fields, user_id: 'bob' })).usage.completion_tokens).toBe(3)
      expect((await entries(served)).at(-1)?.balance).toBe(0n)
      expect((await served.client.post(bodyB(fields))).status).toBe(402)
    },
  )

  test('no more is held for a prompt than it can cost as the engine writes it: a small balance serves several at once', async () => {
    const served = await doubled([{ raw: 'a', ends: 'stall' }])
    await topUp(served, 1_000n)
    await prepaid(served)
    const leaving = new AbortController()
    const fields = { thinking: { type: 'disabled' }, max_tokens: 10 }
    const asking = [1, 2, 3].map(() =>
      served.client.post(bodyB(fields), { signal: leaving.signal }).catch((error: Error) => error.name),
    )
    await expect.poll(() => served.engine.runs.length).toBe(3)
    leaving.abort()
    expect(await Promise.all(asking)).toEqual(Array(3).fill('AbortError'))
  })

  test('C133: tokens a minute are reserved, and the headers of answers and refusals say what is left', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 30 * 60_000 + 15_000 })
    onTestFinished(() => void vi.useRealTimers())
    const { clientFor, engine } = await doubled(['a·b·c'])
    const limited = await clientFor({ settings: { tokensPerMinute: 1_000 } })
    const ask = (fields: object) => limited.post(bodyB({ thinking: { type: 'disabled' }, ...fields }))
    const left = ({ headers }: Answer) => Number(headers['x-ratelimit-remaining-tokens'])
    const first = await ask({ max_tokens: 100 })
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit-tokens': '1000', 'x-ratelimit-reset-tokens': '45s' })
    const bound = 900 - left(first)
    const used = JSON.parse(first.text).usage.total_tokens
    expect(bound).toBeGreaterThanOrEqual(JSON.parse(first.text).usage.prompt_tokens)
    expect(left(await ask({ max_tokens: 100 }))).toBe(left(first) - used)

    const refused = await ask({ max_tokens: 100_000 })
    expect([refused.status, errorOf(refused).code, left(refused)]).toEqual([
      429,
      'rate_limit_exceeded',
      1_000 - 2 * used,
    ])
    expect(refused.headers['retry-after']).toBe('45')
    // Whoever names no limit gets what is left.
    expect(left(await ask({}))).toBe(0)
    const runs = engine.runs.length
    const long = await ask({ messages: [{ role: 'user', content: 'x'.repeat(10_000) }] })
    expect([long.status, long.headers['x-should-retry'], errorOf(long).param]).toEqual([429, 'false', 'messages'])
    expect(errorOf(long).message).toMatch(
      /this API key has a limit of 1000 tokens a minute. Please shorten the messages.$/,
    )
    expect(engine.runs).toHaveLength(runs)
    vi.setSystemTime(31 * 60_000)
    expect(left(await ask({ max_tokens: 100 }))).toBe(900 - bound)
  })

  test('who hangs up pays for what was generated, once', async () => {
    const served = await doubled([{ raw: Array(400).fill('x').join('·'), delayMs: 5 }])
    const { client, log } = served
    const abort = new AbortController()
    const answer = client
      .post(bodyB({ stream: true, thinking: { type: 'disabled' } }), { signal: abort.signal })
      .catch(() => 'gone')
    await expect.poll(() => served.engine.runs[0]?.tokens ?? 0).toBeGreaterThan(5)
    abort.abort()
    expect(await answer).toBe('gone')
    await expect.poll(log).toContain('"outcome":"cancelled"')
    const logged = /"usage":(\{[^}]+\})/.exec(log())?.[1] ?? ''
    expect(await entries(served)).toMatchObject([{ note: 'cancelled', usage: JSON.parse(logged) }])
    expect(JSON.parse(logged).completionTokens).toBe(served.engine.runs[0]?.tokens)
  })

  test('a ledger that cannot be written refuses clearly, gives nothing away, and goes on by itself', async () => {
    const served = await doubled(['a</think>b'])
    const { client, engine, storage, log } = served
    await client.ask({})
    const mendHolds = await jam(storage, 'insert', 'holds')
    const refused = await client.post(bodyB())
    expect([refused.status, errorOf(refused).code]).toEqual([503, 'service_unavailable'])
    expect(refused.headers['retry-after']).toBe('5')
    expect(engine.runs).toHaveLength(1)
    await mendHolds()
    const mendLedger = await jam(storage, 'insert', 'ledger')
    const { chunks, done } = chunksOf((await client.post(bodyB({ stream: true }))).text)
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
    await mendLedger()
    expect((await client.ask({})).finishReason).toBe('stop')
    expect(log()).toContain('the ledger could not be written')
    expect((await verifyLedger(storage)).problems).toEqual([])
  })

  test('C130, C131: a tenant sees its own balance and usage, and nobody else’s', async () => {
    const served = await doubled(['a</think>b'])
    const other = await served.clientFor({ tenant: 'other' })
    await served.client.ask({ user_id: 'alice' })
    await served.client.ask({})
    const usageOf = async (client: typeof other, query = '') => JSON.parse((await client.get(`/v1/usage${query}`)).text)
    expect((await usageOf(other)).data).toEqual([])
    const day = new Date().toISOString().slice(0, 10)
    expect((await usageOf(served.client)).data).toMatchObject([
      { day, requests: 2, completion_tokens: 2, currency: 'USD' },
    ])
    const byUser = (await usageOf(served.client, '?group_by=user,model')).data
    expect(byUser.map(({ user, requests }: { user: string | null; requests: number }) => [user, requests])).toEqual([
      [null, 1],
      ['alice', 1],
    ])
    for (const [query, param] of [
      ['?group_by=month', 'group_by'],
      ['?from=yesterday', 'from'],
      ['?from=2026-02-01&to=2026-01-01', 'from'],
    ] as const) {
      const refused = await served.client.get(`/v1/usage${query}`)
      expect([refused.status, errorOf(refused).param]).toEqual([400, param])
    }
    expect((await served.client.get('/user/balance')).status).toBe(200)
  })
})
