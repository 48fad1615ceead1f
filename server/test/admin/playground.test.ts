import { expect, test } from 'vitest'
import { bodyB, chunksOf, saidInBody, saidInChunks } from '../client.ts'
import { administered, administrator, memberOf } from './harness.ts'

const chat = 'POST /admin/chat/completions'

test('the playground answers as /v1 does, whole and streamed, with the same errors', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  const whole = await member.ask(chat, { body: bodyB() })
  expect(saidInBody(whole.text)).toMatchObject({ content: 'Hello!', reasoning: 'A greeting.', finishReason: 'stop' })
  const streamed = await member.ask(chat, { body: bodyB({ stream: true, stream_options: { include_usage: true } }) })
  expect(streamed.headers['content-type']).toMatch(/^text\/event-stream/)
  expect(saidInChunks(chunksOf(streamed.text).chunks).content).toBe('Hello!')
  for (const body of [bodyB({ temperature: 9 }), bodyB({ model: 'none' }), bodyB({ messages: [] })]) {
    const own = await service.client.post(body)
    const here = await member.ask(chat, { body })
    expect([here.status, here.text]).toEqual([own.status, own.text])
  }
})

test('its answers are charged to the tenant, under a key that everybody sees and nobody has', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  const admin = await service.script(administrator)
  await member.ask(chat, { body: bodyB() })
  await member.ask(chat, { body: bodyB() })
  await admin.ask(chat, { body: bodyB(), query: { tenant: 'acme' } })
  await admin.ask(chat, { body: bodyB() })
  const { db } = service.storage
  const entries = await db.selectFrom('ledger').select(['tenant', 'key']).orderBy('tenant').execute()
  expect(entries.map(({ tenant }) => tenant)).toEqual(['acme', 'acme', 'acme', 'default'])
  expect(new Set(entries.map(({ key }) => key)).size).toBe(2)
  const keys = await db.selectFrom('api_keys').select('tenant').where('name', '=', 'console').execute()
  expect(keys.map(({ tenant }) => tenant).toSorted()).toEqual(['acme', 'default'])
})

test('without its key there is no playground', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  await member.ask(chat, { body: bodyB() })
  await service.storage.db.updateTable('api_keys').set({ revoked_at: 1 }).where('name', '=', 'console').execute()
  const refused = await member.ask(chat, { body: bodyB() })
  expect([refused.status, refused.json.error.code]).toEqual([403, 'permission_denied'])
})
