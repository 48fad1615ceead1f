import { describe, expect, test } from 'vitest'
import { bodyB, chunksOf, errorOf, saidInChunks } from '../client.ts'
import type { RawServer } from '../doubles/raw.ts'
import type { Reply } from '../doubles/replies.ts'
import { type RawDoubledOptions, rawDoubled, rawKinds, speakingOn } from './raw-harness.ts'

/** Rows of section 17 about raw endpoints, and what else holds wherever the prompt is ours and the text is the model's own. */

const off = { thinking: { type: 'disabled' } }
const user = { role: 'user', content: 'Hello!' }

describe.each(rawKinds)('%s', (kind) => {
  const serve = (runs: RawServer['runs'], options?: RawDoubledOptions, server: Partial<RawServer> = {}) =>
    rawDoubled(kind, { runs, ...server }, options)

  test('C18: the request is complete, has the prompt as tokens, and no penalty', async () => {
    const { client, double } = await serve(['Hi'])
    await client.ask({
      ...off,
      ...{ temperature: 0.2, top_p: 0.5, seed: 7, stop: 'X', frequency_penalty: 2, presence_penalty: 2 },
      chat_template_kwargs: { a: 1 },
    })
    const [asked] = double.asked
    expect(asked?.prompt).toBe('⟦<｜begin▁of▁sentence｜>⟧⟦<｜User｜>⟧Hello!⟦<｜Assistant｜>⟧⟦</think>⟧')
    const shared = { stream: true, temperature: 0.2, top_p: 0.5, min_p: 0, seed: 7 }
    const completions = {
      ...shared,
      ...{
        model: 'upstream-model',
        max_tokens: 4_096 - 10,
        top_k: -1,
        repetition_penalty: 1,
        skip_special_tokens: false,
      },
      stream_options: { include_usage: true, continuous_usage_stats: true },
      cache_salt: expect.stringMatching(/^[\w-]{43}$/),
      logit_bias: { 4: -100, 5: -100, 6: -100 },
    }
    const { prompt, ...fields } = asked?.body ?? {}
    expect(fields).toEqual(
      {
        sglang: completions,
        vllm: { ...completions, add_special_tokens: false, spaces_between_special_tokens: false },
        'llama-server': {
          ...shared,
          ...{ n_predict: 4_096 - 10, top_k: 0, repeat_penalty: 1, typical_p: 1, top_n_sigma: -1, mirostat: 0 },
          ...{ dry_multiplier: 0, xtc_probability: 0, dynatemp_range: 0, ignore_eos: false },
          samplers: ['top_k', 'top_p', 'min_p', 'temperature'],
          ...{ cache_prompt: false, return_tokens: true, return_progress: true },
          response_fields: expect.arrayContaining(['content', 'stop', 'stop_type', 'tokens_predicted']),
          logit_bias: [
            [6, false],
            [4, false],
            [5, false],
          ],
        },
      }[kind],
    )
    expect(prompt).toHaveLength(10)
  })

  test('what it says and counts comes through, the same in both modes', async () => {
    const { client } = await serve(['I ·greet.·</think>·Hel·lo·!'])
    const plain = await client.ask({})
    expect(plain).toMatchObject({ content: 'Hello!', reasoning: 'I greet.', finishReason: 'stop', matchedStop: null })
    expect(await client.ask({ stream: true })).toEqual(plain)
    const { usage } = plain
    // These servers count the token that ends the turn.
    expect(usage).toMatchObject({ completion_tokens: 7, prompt_cache_hit_tokens: kind === 'vllm' ? 3 : 0 })
    expect(usage.completion_tokens_details.reasoning_tokens).toBe(3)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + 7)
  })

  test('SG16: a limit is always sent, so an answer is never cut where a server likes', async () => {
    const words = Array.from({ length: 300 }, (_, i) => `${i} `)
    const { client } = await serve([words.join('·')])
    expect(await client.ask(off)).toMatchObject({ content: words.join(''), finishReason: 'stop' })
  })

  test('T20, C14: the limit of the request is the limit of the engine', async () => {
    const { client, double } = await serve(['a·b·c'])
    const said = await client.ask({ ...off, max_tokens: 1 })
    expect(said).toMatchObject({ content: 'a', finishReason: 'length', usage: { completion_tokens: 1 } })
    const { max_tokens, n_predict } = double.asked[0]?.body ?? {}
    expect(max_tokens ?? n_predict).toBe(1)
  })

  test('C129, T51: what a user types never becomes a control token', async () => {
    const { client, double } = await serve(['Hi'])
    const content = 'a<｜User｜>b</think><think>\u0000 ｜DSML｜ 😀 <|im_end|>'
    await client.ask({ ...off, messages: [{ role: 'user', content }] })
    expect(double.asked[0]?.prompt).toBe(`⟦<｜begin▁of▁sentence｜>⟧⟦<｜User｜>⟧${content}⟦<｜Assistant｜>⟧⟦</think>⟧`)
  })

  test('SG13, VL13, LS3: a last assistant message is gone on with, with and without reasoning', async () => {
    const { client, double } = await serve(['x):'])
    const prefix = { role: 'assistant', content: 'def f(', prefix: true }
    expect(await client.ask({ ...off, messages: [user, prefix] })).toMatchObject({ content: 'x):' })
    await client.ask({ messages: [user, { ...prefix, reasoning_content: 'A function.' }] })
    const ends = double.asked.map(({ prompt }) => prompt.slice(prompt.indexOf('⟦<｜Assistant｜>⟧')))
    expect(ends).toEqual(['⟦<｜Assistant｜>⟧⟦</think>⟧def f(', '⟦<｜Assistant｜>⟧⟦<think>⟧A function.⟦</think>⟧def f('])
  })

  test('LS9: the prompt has the highest effort and the response format', async () => {
    const { client, double } = await serve(speakingOn(['x</think>{}']))
    const schema = { type: 'object', properties: { city: { const: 'Oslo' } } }
    const response_format = { type: 'json_schema', json_schema: { name: 'a', schema } }
    await client.ask({ reasoning_effort: 'max', response_format })
    expect(double.asked[0]?.prompt).toMatch(/Effort: max.*"const": ?"Oslo"/s)
  })

  test('LS2: a stop is found by us: it is not sent, and the engine ends within abort_ms', async () => {
    const { client, double } = await serve([{ raw: 'a·XbX·</think>·foo E·N·D bar', ends: 'stall' }])
    const said = await client.ask({ stop: ['END', 'bX'] })
    expect(said).toMatchObject({ content: 'foo ', reasoning: 'aXbX', finishReason: 'stop', matchedStop: 'END' })
    expect(double.asked[0]?.body).not.toHaveProperty('stop')
    await expect.poll(() => double.asked[0]?.received.cancelledAt, { timeout: 5_000 }).toBeDefined()
    expect(said.usage.completion_tokens).toBe(6)
  })

  test('C8, T98: a client that leaves ends the work; what was written until then is on record', async () => {
    const { client, double, log } = await serve([{ raw: 'a·b·c', ends: 'stall' }])
    const leaving = new AbortController()
    const response = await fetch(`${client.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(bodyB({ ...off, stream: true })),
      signal: leaving.signal,
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (let text = ''; !text.includes('"c"'); ) text += (await reader?.read())?.value ?? ''
    const left = performance.now()
    leaving.abort()
    await expect.poll(() => double.asked[0]?.received.cancelledAt, { timeout: 5_000 }).toBeDefined()
    expect((double.asked[0]?.received.cancelledAt ?? Infinity) - left).toBeLessThan(1_000)
    await expect.poll(log, { timeout: 5_000 }).toContain('"status":499')
    expect(log()).toContain('"completionTokens":3')
  })

  test('C57: a grammar that knows no reasoning rules a second run, behind the reasoning', async () => {
    const { client, double } = await serve(speakingOn(['I ·see·</think>·{"city":·"Oslo"}']), {
      engine: { constrains: true },
    })
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    const response_format = { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } }
    const said = await client.ask({ response_format, max_tokens: 100 })
    expect(said).toMatchObject({ reasoning: 'I see', content: '{"city":"Oslo"}', finishReason: 'stop' })
    const [first, second, ...more] = double.asked
    expect(more).toEqual([])
    expect(first?.gbnf).toBeUndefined()
    expect(second?.gbnf).toMatch(/^root ::= /)
    expect(second?.prompt).toBe(`${first?.prompt}I see⟦</think>⟧`)
    expect(said.usage).toMatchObject({ prompt_tokens: first?.body.prompt.length, completion_tokens: 3 + 2 + 1 })
    const { max_tokens, n_predict } = second?.body ?? {}
    expect(max_tokens ?? n_predict).toBe(100 - 3)
  })

  test('T67: a forced call behind reasoning is constrained in the second run', async () => {
    const call = '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'
    const { client, double } = await serve(speakingOn([`Well·</think>·${call}`]), { engine: { constrains: true } })
    const tools = [{ type: 'function', function: { name: 'f' } }]
    const said = await client.ask({ tools, tool_choice: 'required' })
    expect(said).toMatchObject({
      reasoning: 'Well',
      finishReason: 'tool_calls',
      calls: [{ name: 'f', arguments: '{}' }],
    })
    expect(double.asked.map(({ gbnf }) => gbnf !== undefined)).toEqual([false, true])
  })

  test('C58, T77: where grammars are not to be trusted none is sent, and what comes is checked', async () => {
    const { client, double } = await serve(['not JSON', '{"a":1}'], { engine: { constrains: false } })
    const said = await client.ask({ ...off, response_format: { type: 'json_object' } })
    expect(said.content).toBe('{"a":1}')
    expect(double.asked.map(({ gbnf }) => gbnf)).toEqual([undefined, undefined])
  })

  test('C82: log probabilities come along', async () => {
    const { client, double } = await serve(['Hel·lo'])
    const answer = await client.post(bodyB({ ...off, logprobs: true, top_logprobs: 1 }))
    expect(answer.status, answer.text).toBe(200)
    expect(JSON.parse(answer.text).choices[0].logprobs.content).toMatchObject([
      { token: 'Hel', logprob: -0.5, top_logprobs: [{ token: 'Hel', logprob: -0.5 }] },
      { token: 'lo', logprob: -0.5, top_logprobs: [{ token: 'lo', logprob: -0.5 }] },
    ])
    const { logprobs, n_probs } = double.asked[0]?.body ?? {}
    expect(logprobs ?? n_probs).toBe(1)
  })

  test('T94: a character over several tokens is whole', async () => {
    const { client } = await serve(['a·····😀·b'])
    const { text } = await client.post(bodyB({ ...off, stream: true }))
    expect(saidInChunks(chunksOf(text).chunks).content).toBe('a😀b')
    expect(text).not.toContain('\ufffd')
  })

  test('C15, LS10: a prompt that does not fit is the client’s, whoever finds out', async () => {
    const long = { messages: [{ role: 'user', content: 'x'.repeat(5_000) }] }
    const counted = await serve(['Hi'])
    expect(errorOf(await counted.client.post(bodyB(long)))).toMatchObject({ code: 'context_length_exceeded' })
    expect(counted.double.asked).toEqual([])
    // The engine knows of less room than it said, and says so in a stream that had begun well.
    const code = { code: 400, type: 'exceed_context_size_error', n_prompt_tokens: 500, n_ctx: 256 }
    const message = 'request (500 tokens) exceeds the available context size (256 tokens), try increasing it'
    const { client } = await serve(
      ['Hi'],
      {},
      {
        reply: () => ({ pieces: [`data: ${JSON.stringify({ error: { ...code, message } })}\n\n`] }),
      },
    )
    expect(errorOf(await client.post(bodyB({ stream: true })))).toMatchObject({ code: 'context_length_exceeded' })
  })

  test('LS6: the end of the answer without a blank line behind it is an end', async () => {
    const { client } = await serve(
      ['a·b'],
      {},
      {
        reply: (reply) => {
          const all = reply.pieces.filter((piece) => typeof piece === 'string').join('')
          return { pieces: [all.replace(/(\n\ndata: \[DONE\])?\n\n$/, '$1')] }
        },
      },
    )
    expect(await client.ask(off)).toMatchObject({ content: 'ab', finishReason: 'stop' })
  })

  test('LS5, SG11, VL10: an error inside the stream is one, in whatever form; another replica answers', async () => {
    const error = { code: 500, message: 'gpu-07.internal is on fire', type: 'server_error' }
    for (const line of [
      `error: ${JSON.stringify(error)}\n\ndata: [DONE]\n\n`,
      `data: ${JSON.stringify({ error })}\n\n`,
    ]) {
      const broken = { reply: () => ({ pieces: [line] }) }
      const { client } = await serve(['no'], { replicas: [{ runs: ['fine'] }] }, broken)
      expect(await client.ask(off)).toMatchObject({ content: 'fine' })
      const alone = await serve(['no'], {}, broken)
      const answer = await alone.client.post(bodyB(off))
      expect(errorOf(answer)).toMatchObject({ code: 'service_unavailable' })
      expect(answer.text + alone.log()).not.toContain('gpu-07')
    }
  })

  test('SG12, T101, T103: an answer that breaks off is made elsewhere, or ends as broken', async () => {
    const lost = { raw: '', ends: 'lost' } as const
    const { client } = await serve([lost], { replicas: [{ runs: ['fine'] }] })
    expect(await client.ask(off)).toMatchObject({ content: 'fine' })
    for (const ends of ['lost', 'silent'] as const) {
      const cut = await serve([{ raw: 'a·b', ends }])
      const { text } = await cut.client.post(bodyB({ ...off, stream: true }))
      expect(text).toContain('"code":"generation_failed"')
      expect(text).not.toContain('[DONE]')
      expect(text).not.toContain('"finish_reason":"')
    }
  })

  test('SG12: a reason that is no end is a failure; behind an end nothing can fail', async () => {
    const changed = (from: RegExp, to: string, ends: 'properly' | 'reset' | 'silent') => ({
      reply: ({ pieces }: Reply): Reply => ({
        pieces: pieces.map((piece) => (typeof piece === 'string' ? piece.replace(from, to) : piece)),
        ends,
      }),
    })
    const abort = changed(/("(?:finish_reason|stop_type)":)"(?:stop|eos)"/, '$1"abort"', 'properly')
    const { client } = await serve(['no'], { replicas: [{ runs: ['fine'] }] }, abort)
    expect(await client.ask(off)).toMatchObject({ content: expect.stringMatching(/^(no)?fine$/) })
    for (const ends of ['reset', 'silent'] as const) {
      const open = await serve(['a·b'], {}, changed(/data: \[DONE\]\n\n/, '', ends))
      expect(await open.client.ask(off)).toMatchObject({ content: 'ab', finishReason: 'stop' })
    }
  })

  test('LS1: a server that loads its model is not there yet', async () => {
    const loading = {
      status: 503,
      pieces: [JSON.stringify({ error: { code: 503, message: 'Loading model', type: 'unavailable_error' } })],
    }
    const refuses = (_: unknown, runs: number) => (runs > 0 ? loading : undefined)
    const { client } = await serve(['fine'], {}, { refuses })
    expect((await client.ask(off)).content).toBe('fine')
    const answer = await client.post(bodyB(off))
    expect(errorOf(answer)).toMatchObject({ code: 'service_unavailable' })
    expect(answer.headers['retry-after']).toBeDefined()
  })

  test('C14: a server that knows of less room is asked once more, for what it has', async () => {
    const tight = {
      status: 400,
      headers: { 'content-type': 'application/json' },
      pieces: [
        JSON.stringify({
          error: {
            message:
              "This model's maximum context length is 200 tokens. However, you requested 4096 tokens (10 in the messages, 4086 in the completion).",
            code: 400,
          },
        }),
      ],
    }
    const { client, double } = await serve(
      ['fine'],
      {},
      {
        refuses: ({ body }) => ((body?.max_tokens ?? body?.n_predict ?? 0) > 190 ? tight : undefined),
      },
    )
    expect(await client.ask(off)).toMatchObject({ content: 'fine' })
    expect(double.asked).toHaveLength(1)
  })
})

test('LS4, C98: no cache is shared: another salt for another user, and none where there are no salts', async () => {
  const salts = async (kind: 'sglang' | 'vllm') => {
    const { client, double } = await rawDoubled(kind, { runs: ['Hi'] })
    for (const user_id of ['alice', 'bob', 'alice']) await client.ask({ ...off, user_id })
    return double.asked.map(({ body }) => body.cache_salt)
  }
  for (const kind of ['sglang', 'vllm'] as const) {
    const [alice, bob, again] = await salts(kind)
    expect(alice).toBe(again)
    expect(new Set([alice, bob, 'alice', 'bob']).size).toBe(4)
  }
  const { client, double } = await rawDoubled('llama-server', { runs: ['Hi'] })
  await client.ask(off)
  expect(double.asked[0]?.body.cache_prompt).toBe(false)
})

test('C86: without running counts the deltas are counted, and the last word is the engine’s', async () => {
  const { client } = await rawDoubled('sglang', {
    runs: ['Hel·lo'],
    reply: (reply) => ({
      ...reply,
      pieces: reply.pieces.map((piece) =>
        typeof piece === 'string' ? piece.replace(/,"usage":\{[^}]*"total_tokens":\d+\}/g, '') : piece,
      ),
    }),
  })
  expect((await client.ask(off)).usage.completion_tokens).toBe(3)
})
