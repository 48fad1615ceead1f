import { expect, onTestFinished, test } from 'vitest'
import { bodyB, type Client, errorOf } from '../client.ts'
import { type DoubledOptions, doubled } from './harness.ts'

/** Contract C5, C15 and C104: what cannot fit is refused at once, whatever else stands in its way. */

const off = { thinking: { type: 'disabled' } }
const long = { ...off, messages: [{ role: 'user', content: 'word '.repeat(300) }] }

/** A service whose only place is taken until the test ends. */
async function busy(options: DoubledOptions = {}) {
  const served = await doubled([{ raw: 'a', ends: 'stall' }], { slots: 1, contextWindow: 256, ...options })
  const occupy = async (client: Client) => {
    const leaving = new AbortController()
    const first = client.post(bodyB({ ...off, stream: true }), { signal: leaving.signal }).catch(() => undefined)
    onTestFinished(async () => {
      leaving.abort()
      await first
    })
    await expect.poll(() => served.engine.runs[0]?.tokens).toBe(1)
  }
  return { ...served, occupy }
}

async function refusal(client: Client, fields: object = {}) {
  const answer = await client.post(bodyB({ ...long, ...fields }))
  const { code, param, message } = errorOf(answer)
  expect(message).toMatch(/^This model's maximum context length is 256 tokens. Your messages have \d{3} tokens\./)
  return `${answer.status} ${code} ${param}`
}
const tooLong = '400 context_length_exceeded messages'

test.each([true, false])('C5, C15: a prompt that is too long is not queued, streaming: %s', async (stream) => {
  const { client, engine, occupy } = await busy()
  await occupy(client)
  expect(await refusal(client, { stream })).toBe(tooLong)
  expect(engine.runs).toHaveLength(1)
})

test('C5: beyond the limits of its key a prompt that is too long is 400 and not 429', async () => {
  const { clientFor, occupy } = await busy()
  const limited = await clientFor({ settings: { concurrency: 1 } })
  await occupy(limited)
  expect((await limited.post(bodyB(off))).status).toBe(429)
  expect(await refusal(limited)).toBe(tooLong)
})

test('C5: where the line is full a prompt that is too long is 400 and not 503', async () => {
  const { client, occupy } = await busy({ limits: { queueLength: 0 } })
  await occupy(client)
  expect((await client.post(bodyB(off))).status).toBe(503)
  expect(await refusal(client)).toBe(tooLong)
})

test('C104: the check is done before the first newline, so the status is the real one', async () => {
  const { client, occupy } = await busy({ limits: { keepaliveMs: 30, queueMs: 150 } })
  await occupy(client)
  expect((await client.post(bodyB(off)).catch(() => ({ status: 'broken' }))).status).not.toBe(503)
  expect(await refusal(client)).toBe(tooLong)
})

test('C5: what no grammar can promise is 400 where the line is full, too', async () => {
  const { client, occupy } = await busy({ limits: { queueLength: 0 }, constrains: true })
  await occupy(client)
  const schema = { type: 'object', properties: { a: false }, required: ['a'], additionalProperties: false }
  const json = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } }
  const answer = await client.post(bodyB({ ...off, response_format: json }))
  expect([answer.status, errorOf(answer).param]).toEqual([400, 'response_format.json_schema.schema'])
})

test('C5, C38: reasoning that the server puts back counts', async () => {
  const call = '\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_time">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'
  const thoughts = Array.from({ length: 60 }, (_, minute) => `I look at clock ${minute}. `).join('')
  const { client, engine, clientFor } = await doubled([`${thoughts}</think>${call}`, { raw: 'a', ends: 'stall' }], {
    slots: 1,
    contextWindow: 400,
    limits: { queueLength: 0 },
  })
  const ask = { tools: [{ type: 'function', function: { name: 'get_time' } }], max_tokens: 350 }
  const { choices } = JSON.parse((await client.post(bodyB(ask))).text)
  const { content, tool_calls } = choices[0].message
  const messages = [
    { role: 'user', content: 'Hello!' },
    { role: 'assistant', content, tool_calls },
    { role: 'tool', tool_call_id: tool_calls[0].id, content: 'noon' },
  ]
  const leaving = new AbortController()
  const other = (await clientFor({})).post(bodyB({ ...off, stream: true }), { signal: leaving.signal })
  await expect.poll(() => engine.runs[1]?.tokens).toBe(1)
  const refused = await client.post(bodyB({ ...ask, messages }))
  leaving.abort()
  await other.catch(() => undefined)
  expect([refused.status, errorOf(refused).code]).toEqual([400, 'context_length_exceeded'])
})
