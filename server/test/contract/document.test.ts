import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ServeError } from '../../src/completion/failure.ts'
import { defaultLimits } from '../../src/completion/limits.ts'
import { ask } from '../../src/http/http-fixture.ts'
import { decodeChat } from '../../src/http/openai/decode.ts'
import { wireErrors } from '../../src/http/openai/errors.ts'
import { bodyB, type Client, clientOf } from '../client.ts'
import { doubled } from './harness.ts'

const contract = readFileSync(join(import.meta.dirname, '../../../docs/contract.md'), 'utf8')

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The same fact stands once: what the contract writes down in tables is what the code does. */

const section = (from: string, to: string) => contract.slice(contract.indexOf(from), contract.indexOf(to))

test('the constants of the contract are the defaults of the code', () => {
  const table = contract.slice(contract.indexOf('### Constants'), contract.indexOf('## 1. Transport'))
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name = '', value = '']) => [camel(name), value])
  const documented = new Map(rows.map(([name = '', value = '']) => [name, value]))
  for (const [name, value] of Object.entries(defaultLimits)) {
    expect([...documented.keys()], name).toContain(name)
    const written = documented.get(name) ?? ''
    const numbers = typeof value === 'number' ? [value] : Object.values(value)
    for (const number of numbers) expect(written, `${name} in docs/contract.md`).toMatch(new RegExp(`\\b${number}\\b`))
    documented.delete(name)
  }
  // What is left belongs to a model, not to the service.
  expect([...documented.keys()]).toEqual(['contextWindow', 'maxOutput'])
})

/** A value that no field takes, but `user`, which takes all. */
const wrong = -5.5

const paramOf = (body: object): string | undefined => {
  try {
    decodeChat(body)
  } catch (error) {
    if (error instanceof ServeError) return error.failure.param
    throw error
  }
  return undefined
}

test('C5: the fields of section 2 are checked in the order of its tables, then those of C12', () => {
  const table = section('### Fields of the page', '## 3. Defaults')
  const fields = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
  expect(fields).toHaveLength(23)
  const refused = /C12\*\*.*?never dropped: (.*?)\. Why/.exec(contract)?.[1] ?? ''
  const more = [...refused.matchAll(/`(\w+)` with|`(\w+)`/g)].map(([, a, b]) => a ?? b ?? '')
  const order = [...fields.filter((name) => name !== 'user'), ...more.filter((name) => name !== 'n' && name !== 'text')]
  expect(order.slice(-5)).toEqual(['logit_bias', 'functions', 'function_call', 'audio', 'modalities'])
  for (const [i, name] of order.entries()) {
    const body = { ...bodyB(), ...Object.fromEntries(order.slice(i).map((field) => [field, wrong])) }
    expect(paramOf(body)).toBe(name)
  }
  expect(paramOf(bodyB({ user: wrong }))).toBeUndefined()
})

test('the fields of a message are checked in the order of the table of section 4', () => {
  const table = section('## 4. Messages', '- **C20**')
  const fields = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name)
  expect(fields).toEqual(['role', 'content', 'name', 'reasoning_content', 'tool_calls', 'tool_call_id', 'prefix'])
  for (const role of ['assistant', 'tool']) {
    const looked = fields.filter((name) =>
      role === 'tool' ? !/^(reasoning_content|tool_calls)$/.test(name) : name !== 'tool_call_id',
    )
    for (const [i, name] of looked.entries()) {
      const fine = { role, content: 'x', tool_call_id: 'a' }
      const message = { ...fine, ...Object.fromEntries(looked.slice(i).map((field) => [field, wrong])) }
      expect(paramOf(bodyB({ messages: [message] }))).toBe(`messages[0].${name}`)
    }
  }
})

const errors = section('## 12. Errors', '## 13. user_id')

test('the table of errors is that of the code: statuses, types, codes, headers', () => {
  const rows = [...errors.matchAll(/^\| (\d{3}) \| `(\w+)` \| `(\w+)` \| .* \| (.*)\|$/gm)].map(
    ([, status, type, code, headers = '']) => `${status} ${type} ${code} ${headers.replaceAll('`', '').trim()}`.trim(),
  )
  const headersOf = ({ code, headers, retryAfter }: (typeof wireErrors)[keyof typeof wireErrors]) => {
    if (retryAfter !== undefined) return 'Retry-After'
    if (code === 'method_not_allowed') return 'Allow'
    const written = Object.entries(headers ?? {}).filter(([name]) => name !== 'connection')
    return written.map(([name, value]) => `${name.replace('www-auth', 'WWW-Auth')}: ${value}`).join()
  }
  const known = Object.values(wireErrors).map((error) =>
    `${error.status} ${error.type} ${error.code} ${headersOf(error)}`.trim(),
  )
  expect([...new Set(known)].sort()).toEqual(rows.toSorted())
})

test('C90: the errors that the contract quotes are said in its words, byte for byte', async () => {
  const quoted = new Map(
    [...errors.matchAll(/^(\d{3}) (\{"error":.*\})$/gm)].map(([, status = '', body = '']) => [
      `${status} ${JSON.parse(body).error.code}`,
      body,
    ]),
  )
  const { client, clientFor } = await doubled(({ prompt }) =>
    /json/i.test(prompt.join('')) ? '{"a":' : { raw: 'a', ends: 'stall' },
  )
  const late = await doubled(['Hi'], { limits: { bodyMs: 200 } })
  const poor = await doubled(['Hi'])
  await poor.ledger.topUp({ tenant: 'default', at: 0, amount: 0n, note: '' })
  await poor.storage.db.updateTable('accounts').set({ prepaid: 1 }).execute()
  const once = { headers: { 'idempotency-key': 'k' } }
  const down = await doubled(['Hi'], { ready: () => false })
  await client.post(bodyB({ thinking: { type: 'disabled' }, stop: 'a' }), once)
  const busy = await clientFor({ settings: { concurrency: 1 } })
  const leaving = new AbortController()
  const running = busy.post(bodyB({ stream: true }), { signal: leaving.signal }).catch(() => undefined)
  const raw = ({ origin, key }: Client, headers: Record<string, string>, body = '{') =>
    ask({ port: Number(new URL(origin).port) }, { headers: { authorization: `Bearer ${key}`, ...headers }, body })
  const said = {
    '400 invalid_request_error': await client.post(bodyB({ max_tokens: 0 })),
    '401 invalid_api_key': await clientOf(client.origin, `sk-${'x'.repeat(40)}9f3c`).post(bodyB()),
    '402 insufficient_balance': await poor.client.post(bodyB()),
    '403 permission_denied': await (await clientFor({ settings: { models: [] } })).post(bodyB()),
    '404 model_not_found': await client.post(bodyB({ model: 'no-such-model' })),
    '405 method_not_allowed': await client.get('/v1/chat/completions'),
    '408 request_timeout': await raw(late.client, { 'content-length': '5' }),
    '409 idempotency_conflict': await client.post(bodyB({ max_tokens: 1 }), once),
    '413 request_too_large': await raw(client, { 'content-length': '50331649' }),
    '415 unsupported_media_type': await client.post(bodyB(), { headers: { 'content-type': 'text/plain' } }),
    '429 rate_limit_exceeded': await busy.post(bodyB()),
    '500 invalid_model_output': await client.post(
      bodyB({ thinking: { type: 'disabled' }, response_format: { type: 'json_object' } }),
    ),
    '503 service_unavailable': await down.client.post(bodyB()),
  }
  for (const [name, { status, text }] of Object.entries(said))
    expect([name, `${status} ${JSON.parse(text).error.code}`, text]).toEqual([name, name, quoted.get(name)])
  // The rest is checked elsewhere: its numbers depend on a model, and a defect has no request.
  expect([...quoted.keys()].filter((name) => !(name in said))).toEqual([
    '400 context_length_exceeded',
    '500 server_error',
  ])
  leaving.abort()
  await running
})
