import { expect, test } from 'vitest'
import { bodyOf, defaultSettings, exampleTools, toolNames, unreadable } from './ask.ts'

const messages = [{ role: 'user', content: 'Hi' }]
const settings = { ...defaultSettings, model: 'm' }

test('what was not touched is not sent', () => {
  expect(bodyOf({ ...settings, stream: false }, messages)).toEqual({ model: 'm', messages })
})

test('all fields', () => {
  const all = {
    ...settings,
    thinking: 'enabled',
    effort: 'max',
    format: 'json_schema',
    schema: '{"type":"object"}',
    tools: JSON.stringify(exampleTools),
    toolChoice: 'function:get_weather',
    parallel: false,
    stops: 'END\n\\n\\n\na\\\\nb',
    maxTokens: '100',
    temperature: '0',
    topP: '0.5',
    seed: '7',
    frequencyPenalty: '-1',
    presencePenalty: '1',
    topLogprobs: '0',
    userId: ' alice ',
  } as const
  expect(bodyOf(all, messages)).toEqual({
    model: 'm',
    messages,
    stream: true,
    thinking: { type: 'enabled' },
    reasoning_effort: 'max',
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: { type: 'object' } } },
    tools: exampleTools,
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
    parallel_tool_calls: false,
    stop: ['END', '\n\n', 'a\\nb'],
    max_tokens: 100,
    temperature: 0,
    top_p: 0.5,
    seed: 7,
    frequency_penalty: -1,
    presence_penalty: 1,
    logprobs: true,
    top_logprobs: 0,
    user_id: 'alice',
  })
})

test('a number that is none is for the API to refuse', () => {
  expect(bodyOf({ ...settings, temperature: 'hot' }, messages)).toMatchObject({ temperature: 'hot' })
})

test('JSON that is not finished is named', () => {
  expect(unreadable({ ...settings, tools: '[', format: 'json_schema', schema: '' })).toEqual(['schema', 'tools'])
  expect(unreadable({ ...settings, schema: '{' })).toEqual([])
  expect(toolNames(JSON.stringify(exampleTools))).toEqual(['get_weather'])
  expect(toolNames('[')).toEqual([])
})
