import { expect, test } from 'vitest'
import { requestOf } from '../../../test/replicas.ts'
import { remoteKinds } from '../kinds.ts'
import { encodeRequest } from './encode.ts'

const upstream = {
  id: 'a',
  url: 'http://127.0.0.1',
  model: 'upstream',
  concurrency: 1,
  contextWindow: 1_000,
  maxOutput: 1_000,
  thinking: true,
  logprobs: false,
}

test('C16: DeepSeek’s weights think at temperature 1, others as asked; a name is all that tells them apart', () => {
  const temperatureOf = (kind: keyof typeof remoteKinds, over: string, here: string, always?: true) => {
    const request = requestOf({ model: here, sampling: { temperature: 0.2, topP: 1, ...(always && { always }) } })
    const content = { thinking: { enabled: true, effort: 'high' }, tools: [], format: { type: 'text' } } as const
    return encodeRequest(request, content, {
      wire: remoteKinds[kind],
      upstream: { ...upstream, model: over },
      namespace: 'n',
    }).temperature
  }
  expect(temperatureOf('vllm', 'deepseek-ai/DeepSeek-V4-Flash', 'mine')).toBe(1)
  expect(temperatureOf('vllm', 'default', 'deepseek-v4-flash')).toBe(1)
  expect(temperatureOf('vllm', 'Qwen/Qwen3-32B', 'mine')).toBe(0.2)
  expect(temperatureOf('vllm', 'default', 'deepseek-v4-flash', true)).toBe(0.2)
  expect(temperatureOf('openai', 'deepseek-v4-flash', 'deepseek-v4-flash')).toBe(0.2)
  expect(temperatureOf('deepseek', 'v5', 'mine')).toBe(1)
})
