import { expect, test } from 'vitest'
import { type Answer, bodyB, type Client, clientOf, errorOf } from '../client.ts'
import { onEachStore } from '../stores.ts'
import { doubled } from './harness.ts'

/** Section "Transport and keys", with keys out of the database: who may ask, for what, how often, and what others see of it. */

const off = { thinking: { type: 'disabled' } }
const shapeOf = ({ status, text }: Answer) => {
  const { message: _, ...error } = JSON.parse(text).error
  return { status, ...error }
}
const unauthenticated = { status: 401, type: 'authentication_error', param: null, code: 'invalid_api_key' }
const keysOf = (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value).sort() : value)

onEachStore(() => {
  test.each(['/v1/chat/completions', '/chat/completions', '/beta/chat/completions'])(
    'T1: %s gives exactly the keys of section 9',
    async (path) => {
      const { client } = await doubled(['The user greets me.</think>Hello!'])
      const answer = await client.post(bodyB(), { path })
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/json')
      expect(answer.headers['x-request-id']).toBeTruthy()
      const body = JSON.parse(answer.text)
      expect(keysOf(body)).toEqual(['choices', 'created', 'id', 'model', 'object', 'system_fingerprint', 'usage'])
      expect(body).toMatchObject({ object: 'chat.completion', model: 'deepseek-v4-flash' })
      expect(body.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/)
      expect(body.system_fingerprint).toMatch(/^fp_[0-9a-f]{12}$/)
      expect(body.choices).toEqual([
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello!', reasoning_content: 'The user greets me.' },
          logprobs: null,
          finish_reason: 'stop',
          matched_stop: null,
        },
      ])
      expect(keysOf(body.usage)).toEqual([
        'completion_tokens',
        'completion_tokens_details',
        'prompt_cache_hit_tokens',
        'prompt_cache_miss_tokens',
        'prompt_tokens',
        'prompt_tokens_details',
        'total_tokens',
      ])
      expect(keysOf(body.usage.prompt_tokens_details)).toEqual(['audio_tokens', 'cached_tokens', 'text_tokens'])
      expect(keysOf(body.usage.completion_tokens_details)).toEqual([
        'accepted_prediction_tokens',
        'reasoning_tokens',
        'rejected_prediction_tokens',
      ])
    },
  )

  test('T2: no key, another scheme, and an empty one', async () => {
    const { client } = await doubled(['ok'])
    const given = async (authorization: string | undefined) => {
      const response = await fetch(`${client.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
        body: JSON.stringify(bodyB()),
      })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(response.headers.get('x-request-id')).toBeTruthy()
      const answer = { status: response.status, headers: {}, text: await response.text() }
      expect(shapeOf(answer)).toEqual(unauthenticated)
      return errorOf(answer).message
    }
    expect(await given(undefined)).toBe('No token provided')
    await given('Basic x')
    await given('Bearer')
    await given('Bearer ')
  })

  test('T3: of an unknown key the body shows the last four characters, and the log nothing', async () => {
    const { client, log } = await doubled(['ok'])
    const unknown = `sk-${'QwErTyUiOpAs'.repeat(3)}9f3c`
    const answer = await clientOf(client.origin, unknown).post(bodyB())
    expect(errorOf(answer)).toEqual({
      message: 'Authentication Fails, Your api key: ****9f3c is invalid',
      type: 'authentication_error',
      param: null,
      code: 'invalid_api_key',
    })
    await expect.poll(log).toContain('unauthenticated')
    expect(log()).not.toContain('QwErTyUiOpAs')
  })

  test('T4: a revoked key, an expired one, and an unknown one with an invalid body are told the same', async () => {
    const { client, clientFor, revoke } = await doubled(['ok'])
    const revoked = await clientFor({})
    expect((await revoked.post(bodyB())).status).toBe(200)
    await revoke(revoked)
    const expired = await clientFor({ expiresAt: new Date(Date.now() - 1_000) })
    const unknown = clientOf(client.origin, `sk-${'x'.repeat(48)}`)
    for (const [asker, body] of [
      [revoked, bodyB()],
      [expired, bodyB()],
      [unknown, '{"model":'],
    ] as const) {
      const answer = await asker.post(body)
      expect(shapeOf(answer)).toEqual(unauthenticated)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  test('T13: a key for other models is refused by name, and sees none in the list', async () => {
    const { clientFor } = await doubled(['ok'])
    const limited = await clientFor({ settings: { models: ['other'] } })
    const answer = await limited.post(bodyB())
    expect(answer.status).toBe(403)
    expect(errorOf(answer)).toEqual({
      message: "This API key may not use the model 'deepseek-v4-flash'.",
      type: 'permission_error',
      param: 'model',
      code: 'permission_denied',
    })
    expect((await limited.post(bodyB({ model: 'deepseek-chat' }))).status).toBe(403)
    expect(JSON.parse((await limited.get('/v1/models')).text)).toEqual({ object: 'list', data: [] })
  })

  test('T14: of two requests at once a key with a limit of one gets one answered', async () => {
    const { clientFor } = await doubled([{ raw: 'a·b·c', delayMs: 50 }])
    const limited = await clientFor({ settings: { concurrency: 1 } })
    const answers = await Promise.all([limited.post(bodyB(off)), limited.post(bodyB(off))])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429])
    const refused = answers.find(({ status }) => status === 429) as Answer
    const { message, ...error } = errorOf(refused)
    expect(error).toEqual({ type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' })
    const seconds = Number(refused.headers['retry-after'])
    expect(seconds).toBeGreaterThanOrEqual(1)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(message).toBe(`Rate limit reached for this API key. Retry after ${seconds} seconds.`)
    expect(message).not.toMatch(/quota|usage limit/i)
    expect((await limited.post(bodyB(off))).status).toBe(200)
  })

  test('C5: of several faults the first in the order of the checks is the answer', async () => {
    const { client, clientFor } = await doubled(['ok'], { facts: { contextWindow: 256 } })
    const limited = await clientFor({ settings: { models: ['other'] } })
    const fault = async (asker: Client, fields: object, path?: string) => {
      const answer = await asker.post(bodyB({ ...fields }), path === undefined ? {} : { path })
      const { code, param } = errorOf(answer)
      return `${answer.status} ${code} ${param}`
    }
    const long = { messages: [{ role: 'user', content: 'x'.repeat(2_000) }] }
    const stranger = clientOf(client.origin, 'sk-nobody')
    expect(await fault(stranger, {}, '/v1/nothing')).toBe('404 unknown_url null')
    expect(await fault(stranger, { model: 5 })).toBe('401 invalid_api_key null')
    expect(await fault(limited, { model: 'x', n: 2, temperature: 9 })).toBe('400 invalid_request_error temperature')
    expect(await fault(limited, { model: 'x', logit_bias: { 1: 1 }, n: 2 })).toBe('400 unsupported_parameter n')
    expect(await fault(limited, { model: 'x', logit_bias: { 1: 1 } })).toBe('400 unsupported_parameter logit_bias')
    expect(await fault(limited, { model: 'x', ...long })).toBe('404 model_not_found model')
    expect(await fault(limited, long)).toBe('403 permission_denied model')
    expect(await fault(client, long)).toBe('400 context_length_exceeded messages')
  })

  test('C97: a blocked user_id is 403, the others of its owner and its namesakes elsewhere are not', async () => {
    const { client, clientFor, block } = await doubled(['ok'])
    await block('mallory')
    const answer = await client.post(bodyB({ user_id: 'mallory' }))
    expect(shapeOf(answer)).toEqual({
      status: 403,
      type: 'permission_error',
      param: 'user_id',
      code: 'permission_denied',
    })
    expect((await client.post(bodyB({ user: 'mallory' }))).status).toBe(403)
    expect((await client.post(bodyB({ user_id: 'alice' }))).status).toBe(200)
    expect((await (await clientFor({})).post(bodyB({ user_id: 'mallory' }))).status).toBe(200)
  })

  test('C97, C98, C99: the engine gets a salt of 43 characters for each user and key, and never the user_id', async () => {
    const { client, clientFor, engine } = await doubled(['ok'])
    const saltFor = async (asker: Client, fields: object) => {
      expect((await asker.post(bodyB({ ...off, ...fields }))).status).toBe(200)
      return engine.runs.at(-1)?.call.namespace
    }
    const alice = await saltFor(client, { user_id: 'alice' })
    expect(alice).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await saltFor(await clientFor({ tenant: 'default' }), { user_id: 'alice' })).toBe(alice)
    const salts = [
      alice,
      await saltFor(client, { user_id: 'bob' }),
      await saltFor(client, {}),
      await saltFor(await clientFor({ tenant: 'default' }), {}),
      await saltFor(await clientFor({}), { user_id: 'alice' }),
    ]
    expect(new Set(salts).size).toBe(5)
    expect(JSON.stringify(engine.runs)).not.toContain('alice')
  })

  test('T108, C107, C109: the list has canonical names only; one entry is found by its alias too', async () => {
    const { client } = await doubled(['ok'], { facts: { contextWindow: 1_048_576 }, maxOutput: 393_216 })
    const list = await client.get('/v1/models')
    expect(list.text).toBe(
      '{"object":"list","data":[{"id":"deepseek-v4-flash","object":"model","created":1626777600,"owned_by":"tidegate","supported_endpoint_types":["openai"],"name":"DeepSeek V4 Flash","context_window":1048576,"max_output_tokens":393216,"input_modalities":["text"],"output_modalities":["text"],"effort":{"supported_levels":["none","low","high","max"],"default_level":"high"}}]}',
    )
    expect((await client.get('/models')).text).toBe(list.text)
    for (const name of ['deepseek-v4-flash', 'deepseek-chat', 'deepseek-reasoner'])
      expect(JSON.parse((await client.get(`/v1/models/${name}`)).text)).toEqual(JSON.parse(list.text).data[0])
    const unknown = await client.get('/v1/models/x')
    expect(shapeOf(unknown)).toEqual({
      status: 404,
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    })
    expect(errorOf(unknown).message).toMatch(/^Model Not Exist/)
    const keyless = await client.get('/v1/models', {})
    expect([keyless.status, errorOf(keyless).message]).toEqual([401, 'No token provided'])
  })

  test('T109: health follows the replicas', async () => {
    let up = true
    const { client } = await doubled(['ok'], { ready: () => up })
    expect(await client.get('/health', {})).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    up = false
    expect(await client.get('/health', {})).toMatchObject({ status: 503, text: '{"status":"unavailable"}' })
  })

  test('C111: what is not served is 404 with or without a key', async () => {
    const { client } = await doubled(['ok'])
    for (const path of ['/v1/completions', '/v1/responses', '/v1/messages', '/anthropic/v1/messages', '/v1/embeddings'])
      for (const headers of [{}, { authorization: 'Bearer nobody' }]) {
        const answer = await client.post('{}', { path, headers })
        expect(shapeOf(answer)).toEqual({
          status: 404,
          type: 'invalid_request_error',
          param: null,
          code: 'unknown_url',
        })
        expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      }
  })

  test('T110, C91: no word of a request, of an answer or of a key is in the log, whatever happens to it', async () => {
    const { client, log } = await doubled([
      'my private thought</think>my private answer',
      { raw: 'my private· half', ends: 'lost' },
    ])
    const messages = [{ role: 'user', content: 'my private question' }]
    await client.post(bodyB({ messages }))
    await client.post(bodyB({ messages, stream: true }))
    await client.post(bodyB({ messages, temperature: 'my private wish' }))
    await client.post(bodyB({ messages, model: 'my private model' }))
    await client.post(bodyB({ messages, stop: ['my private stop', 5] }))
    await client.post(`{"messages":"my private`, { path: '/v1/my-private-path' })
    await client.post(`{"messages":"my private`)
    // The answer that went well has the line of its completion alone.
    const ended = () =>
      new Set([...log().matchAll(/"request":"(req_\w+)".*"msg":"(?:request|completion)"/g)].map(([, id]) => id))
    await expect.poll(() => ended().size).toBe(7)
    expect(log()).not.toMatch(/my.private/)
    expect(log()).not.toContain(client.key)
  })
})
