import { expect, test } from 'vitest'
import type { Asking } from './asking.ts'
import { learn } from './learn.ts'
import { llamaServer } from './llama-server.ts'
import { candidatesIn } from './special-tokens.ts'
import { readTokenizerConfig } from './tokenizer-config.ts'
import { vllm } from './vllm.ts'

const { signal } = new AbortController()
const told = { model: 'm', contextWindow: 4_096 }
const chatTemplate = '{{ bos_token }}<|user|>{{ messages[0].content }}<|assistant|><think>[/TOOL]<tool_response>'

/** A server whose tokenizer knows these tokens; `user`: also where nothing is parsed, as a user-defined token. */
const server =
  (tokens: Readonly<Record<string, 'control' | 'user'>>, pages: Readonly<Record<string, object>> = {}): Asking =>
  async (path, body) => {
    const page = pages[path]
    if (page) return { ...page }
    const { content, prompt, parse_special: parses = true } = Object(body)
    const text: string = content ?? prompt
    const id = Object.keys(tokens).indexOf(text)
    const single = id >= 0 && (parses || tokens[text] === 'user')
    return { tokens: single ? [id] : Array.from(text, (char) => 100 + char.charCodeAt(0)), max_model_len: 2_048 }
  }

async function factsOf(wire: typeof vllm, asking: Asking, more: object = {}) {
  const learned = await learn(wire, asking, { ...told, ...more }, signal)
  if (typeof learned === 'string') throw new Error(learned)
  return learned
}

test('the candidates of a template are looked up one by one; the server knows which are tokens, and of what sort', async () => {
  const tokens = { '<|user|>': 'control', '<think>': 'control', '<tool_response>': 'user', '</s>': 'control' } as const
  const props = {
    chat_template: chatTemplate,
    ...{ bos_token: '<s>', eos_token: '</s>', default_generation_settings: { n_ctx: 512 }, total_slots: 3 },
  }
  const { facts, markers, slots } = await factsOf(llamaServer, server(tokens, { '/props': props }))
  expect(facts.specialTokens.toSorted()).toEqual(['</s>', '<think>', '<tool_response>', '<|user|>'])
  // What marks thinking is text of the answer to us, whatever the server calls it.
  expect(facts.controlTokens.toSorted()).toEqual(['</s>', '<|user|>'])
  expect([...markers.values()]).toEqual(['<think>'])
  expect(facts).toMatchObject({ contextWindow: 512, bosToken: '<s>', eosToken: '</s>', constrains: true, chatTemplate })
  expect(slots).toBe(3)
})

test('the operator goes before the server; the smaller window counts', async () => {
  const info = { chat_template: 'theirs', bos_token: 'a', eos_token: null }
  const asking = server({}, { '/tokenizer_info': info })
  const theirs = await factsOf(vllm, asking)
  expect(theirs.facts).toMatchObject({ chatTemplate: 'theirs', bosToken: 'a', eosToken: '', contextWindow: 2_048 })
  const ours = await factsOf(vllm, asking, { chatTemplate: 'ours', constrains: true, contextWindow: 1_000 })
  expect(ours.facts).toMatchObject({ chatTemplate: 'ours', bosToken: 'a', constrains: true, contextWindow: 1_000 })
  expect(theirs.facts.constrains).toBe(false)
  expect(theirs.facts.digest).not.toBe(ours.facts.digest)
})

test('a model that writes channels has no raw face', async () => {
  const asking = server({}, { '/tokenizer_info': { chat_template: '<|start|>assistant<|channel|>', bos_token: 'a' } })
  expect(await learn(vllm, asking, told, signal)).toMatch(/gpt-oss/)
})

test('a tokenizer_config.json names templates, tokens and their sorts', () => {
  const config = {
    chat_template: [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ],
    bos_token: { content: '<s>', special: true },
    eos_token: '</s>',
    added_tokens_decoder: { 7: { content: '<x>', special: false }, 8: { content: '<|y|>', special: true }, 9: 'odd' },
  }
  expect(readTokenizerConfig(config)).toEqual({
    ...{ chatTemplate: 'plain', bosToken: '<s>', eosToken: '</s>' },
    addedTokens: [
      { text: '<x>', control: false },
      { text: '<|y|>', control: true },
    ],
  })
  expect(readTokenizerConfig({ chat_template: 5, bos_token: null })).toEqual({ bosToken: '' })
})

test('control tokens are found in templates of all families', () => {
  const template = `'<|im_start|>' + "<｜Assistant｜>" [INST] <<SYS>> <start_of_turn> </tool_call> ｜DSML｜ <｜DSML｜invoke> <|fim▁x|>`
  for (const token of [
    '<|im_start|>',
    '<｜Assistant｜>',
    '[INST]',
    '<<SYS>>',
    '<start_of_turn>',
    '</tool_call>',
    '｜DSML｜',
    '<|fim▁x|>',
  ])
    expect(candidatesIn(template)).toContain(token)
})
