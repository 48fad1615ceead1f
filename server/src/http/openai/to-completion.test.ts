import { expect, test } from 'vitest'
import { ServeError } from '../../completion/failure.ts'
import { defaultLimits } from '../../completion/limits.ts'
import type { Thinking } from '../../completion/request.ts'
import type { Alias, Model } from '../../engines/catalog.ts'
import { testModel } from '../http-fixture.ts'
import { decodeChat } from './decode.ts'
import { toCompletion } from './to-completion.ts'

const hello = { model: 'm', messages: [{ role: 'user', content: 'Hello!' }] }
const model = { ...testModel, maxOutput: 393_216 }
const convert = (fields: object, alias?: Alias, changed: Partial<Model> = {}) =>
  toCompletion(decodeChat({ ...hello, ...fields }), { ...model, ...changed }, alias, defaultLimits)

const off = { enabled: false }
const on = (effort: Thinking['effort']): Thinking => ({ enabled: true, effort })
const chat = { name: 'deepseek-chat', thinking: false }
const reasoner = { name: 'deepseek-reasoner', thinking: true }

test.each<[check: string, fields: object, alias: Alias | undefined, expected: Partial<Thinking>]>([
  ['T52', {}, undefined, on('high')],
  ['T52', { thinking: {} }, undefined, on('high')],
  ['T52', { thinking: null }, undefined, on('high')],
  ['T52', { thinking: { type: 'enabled', budget_tokens: 1 } }, undefined, on('high')],
  ['T53', { thinking: { type: 'disabled' } }, undefined, off],
  ['T54', { reasoning_effort: 'none' }, undefined, off],
  ['T54', { thinking: { type: 'disabled' }, reasoning_effort: 'high' }, undefined, off],
  ['T54', { thinking: { type: 'enabled' }, reasoning_effort: 'none' }, undefined, on('high')],
  ['T54', { thinking: { reasoning_effort: 'max' }, reasoning_effort: 'low' }, undefined, on('low')],
  ['T55', { reasoning_effort: 'minimal' }, undefined, on('low')],
  ['T55', { reasoning_effort: 'medium' }, undefined, on('high')],
  ['T55', { reasoning_effort: 'xhigh' }, undefined, on('max')],
  ['T55', { reasoning_effort: 'ultra' }, undefined, on('max')],
  ['T59', {}, chat, off],
  ['T59', {}, reasoner, on('high')],
  ['T59', { thinking: { type: 'enabled' } }, chat, on('high')],
  ['T59', { reasoning_effort: 'none' }, reasoner, on('high')],
])('%s: %j, asked of %o, thinks like %o', (_check, fields, alias, expected) => {
  expect(convert(fields, alias).thinking).toMatchObject(expected)
})

test('C34: a model that cannot think does not, and one that thinks on request only does so on request', () => {
  expect(convert({ thinking: { type: 'enabled' } }, undefined, { canThink: false }).thinking.enabled).toBe(false)
  expect(convert({}, undefined, { thinkingByDefault: false }).thinking.enabled).toBe(false)
  expect(convert({ reasoning_effort: 'low' }, undefined, { thinkingByDefault: false }).thinking).toEqual(on('low'))
})

test('C14: the output limit is the asked one or the default of the mode, and never above what the model gives', () => {
  expect(convert({ thinking: { type: 'disabled' } }).maxTokens).toBe(8_192)
  expect(convert({}).maxTokens).toBe(65_536)
  expect(convert({ reasoning_effort: 'max' }).maxTokens).toBe(131_072)
  expect(convert({}, undefined, { maxOutput: 100 }).maxTokens).toBe(100)
  expect(convert({ max_tokens: 1_000_000_000 }).maxTokens).toBe(393_216)
  expect(convert({ max_tokens: 7 }).maxTokens).toBe(7)
})

test('T37: log probabilities are refused by name where the model has none', () => {
  expect(convert({ logprobs: true, top_logprobs: 2 }).logprobs).toEqual({ top: 2 })
  const ask = () => convert({ logprobs: true }, undefined, { canLogprobs: false })
  expect(ask).toThrow(ServeError)
  expect(ask).toThrow("'logprobs' is not supported")
})

test('what the engine side decides is passed on as sent', () => {
  expect(convert({ temperature: 0.2, top_p: 0, seed: 7 }).sampling).toEqual({ temperature: 0.2, topP: 0, seed: 7 })
  expect(convert({}).sampling).toEqual({ temperature: 1, topP: 1 })
})

test('C15: more turns or more text than the model can have tokens for is refused before anybody writes a prompt of it', () => {
  const turns = (count: number, role = 'user') => ({ messages: Array(count).fill({ role, content: '' }) })
  const small = { contextWindow: 100 }
  expect(convert(turns(99), undefined, small).messages).toHaveLength(99)
  expect(convert(turns(500, 'system'), undefined, small).messages).toHaveLength(500)
  expect(() => convert(turns(100), undefined, small)).toThrow(
    "This model's maximum context length is 100 tokens. Your messages have at least 100 tokens.",
  )
  const text = (length: number) => ({ messages: [{ role: 'system', content: 'x'.repeat(length) }] })
  expect(convert(text(99 * 512), undefined, small).messages).toHaveLength(1)
  expect(() => convert(text(99 * 512 + 1), undefined, small)).toThrow('at least 100 tokens')
})

test('C16: what is sampled as asked in thinking mode too says so to the engine', () => {
  expect(convert({ temperature: 0.2 }).sampling).toEqual({ temperature: 0.2, topP: 1 })
  expect(convert({ temperature: 0.2 }, undefined, { samplesAsAsked: true }).sampling).toEqual({
    temperature: 0.2,
    topP: 1,
    always: true,
  })
})
