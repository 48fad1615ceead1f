import { describe, expect, test } from 'vitest'
import { bodyB, type Client, chunksOf, errorOf, saidInBody, saidInChunks } from '../client.ts'
import { doubled } from './harness.ts'
import { faultsOf } from './invariants.ts'
import { type Speaker, speakers } from './speakers.ts'

/** Checks of section 20 that look at more than what was said, in front of every engine that speaks a model's raw text. */

const off = { thinking: { type: 'disabled' } }
const tool = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
})
const tools = [tool('get_weather'), tool('get_time')]
const json = { ...off, response_format: { type: 'json_object' } }
const two = [
  '<｜DSML｜tool_calls>\n',
  '<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>\n</｜DSML｜invoke>\n',
  '<｜DSML｜invoke name="get_time">\n</｜DSML｜invoke>\n',
  '</｜DSML｜tool_calls>',
].join('·')

const embedded: Speaker = { name: 'embedded', start: async (runs) => doubled(runs), excused: {} }

/** Asks for a stream, and finds nothing wrong with it. */
async function streamed(client: Client, fields: Readonly<Record<string, unknown>>) {
  const answer = await client.post(bodyB({ ...fields, stream: true }))
  expect(faultsOf(answer, { ...fields, stream: true }), answer.text).toEqual([])
  return { ...answer, ...chunksOf(answer.text) }
}

describe.each([embedded, ...speakers])('$name', ({ start, excused }) => {
  const speaking = (runs: readonly string[], thinks: boolean) => start(runs, { thinks, constrains: false })
  /** An excused check must fail: an excuse that is not needed is a lie. */
  const check = (title: string, run: () => Promise<void>) =>
    test(title, async () => {
      const [id = ''] = title.split(/[,:]/)
      if (id in excused) await expect(run()).rejects.toThrow()
      else await run()
    })

  check('T53: with thinking off there is no reasoning and no key for it', async () => {
    const { client } = await speaking(['Hi'], false)
    const { text, chunks } = await streamed(client, off)
    expect(text).not.toContain('"reasoning_content"')
    expect(saidInChunks(chunks).usage.completion_tokens_details.reasoning_tokens).toBe(0)
  })

  check('T70: two calls get their indexes, and each its names once', async () => {
    const { client } = await speaking([`I look.</think>·${two}`], true)
    const { chunks } = await streamed(client, { tools })
    const fragments = chunks.flatMap((chunk) => chunk.choices.flatMap(({ delta }) => delta.tool_calls ?? []))
    expect(fragments.map(({ index, type, function: f }) => [index, type, f.name, f.arguments])).toEqual([
      [0, 'function', 'get_weather', ''],
      [0, undefined, undefined, '{"city":"Oslo"}'],
      [1, 'function', 'get_time', ''],
      [1, undefined, undefined, '{}'],
    ])
    expect(saidInChunks(chunks)).toMatchObject({ reasoning: 'I look.', content: '', finishReason: 'tool_calls' })
  })

  check('T73: without parallel calls the turn ends after the first', async () => {
    const { client } = await speaking([two], false)
    const answer = await client.ask({ ...off, tools, parallel_tool_calls: false })
    expect(answer.calls.map(({ name }) => name)).toEqual(['get_weather'])
  })

  check('T78: invalid twice is an error that says so, and a broken stream after its first byte', async () => {
    const { client } = await speaking(['{"a": '], false)
    const answer = await client.post(bodyB(json))
    expect([answer.status, errorOf(answer).code, answer.headers['x-should-retry']]).toEqual([
      500,
      'invalid_model_output',
      'false',
    ])
    const thinking = await speaking(['I think·.</think>{"a": '], true)
    const { chunks, done } = await streamed(thinking.client, { response_format: { type: 'json_object' } })
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
  })

  check('T88, T89, T90, T91, T92: a stream is the chunks of section 10, and its fold the whole answer', async () => {
    for (const stream_options of [{ include_usage: true }, {}]) {
      const runs = [`Grüße·, 你·好</think>·Hel·lo 😀\n\n${two}`]
      const [one, other] = [await speaking(runs, true), await speaking(runs, true)]
      const { chunks, done } = await streamed(one.client, { tools, stream_options })
      expect(done).toBe(true)
      const answer = await other.client.post(bodyB({ tools }))
      expect(faultsOf(answer, { tools })).toEqual([])
      const idless = (said: ReturnType<typeof saidInBody>) => ({
        ...said,
        calls: said.calls.map(({ id: _, ...call }) => call),
      })
      const fold = idless(saidInChunks(chunks))
      expect(fold).toEqual(idless(saidInBody(answer.text)))
      expect(fold).toMatchObject({ reasoning: 'Grüße, 你好', content: 'Hello 😀' })
    }
  })

  check('T94: a character comes whole', async () => {
    const { client } = await speaking(['a·😀·b'], false)
    const { chunks } = await streamed(client, off)
    expect(chunks.flatMap((chunk) => chunk.choices.map(({ delta }) => delta.content ?? ''))).toContain('😀')
  })
})
