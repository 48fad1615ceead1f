import type { Voice } from '../voice.ts'

/** The DeepSeek API: thinks unless told not to, gives usage on the finish chunk. */
export const deepseek: Voice = {
  kind: 'deepseek',
  thinks: (body) => body.thinking?.type !== 'disabled',
  head: (body) => ({
    id: '930c60df-bf64-41c9-a88e-3ec75f81e00e',
    created: 1_795_305_600,
    model: body.model,
    system_fingerprint: 'fp_f253fc19d1_prod0820_fp8_kvcache',
  }),
  choice: { logprobs: null },
  first: { role: 'assistant', content: null, reasoning_content: '' },
  reasoning: (text) => ({ content: null, reasoning_content: text }),
  content: (text) => ({ content: text }),
  callStart: (index, id, name) => ({
    tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
  }),
  callPart: (index, text) => ({ tool_calls: [{ index, function: { arguments: text } }] }),
  last: { content: '' },
  finishing: () => ({}),
  usage: ({ prompt, cached, completion, reasoning }) => ({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
    prompt_cache_hit_tokens: cached,
    prompt_cache_miss_tokens: prompt - cached,
  }),
  usageOnFinish: true,
  message: ({ reasoning, content, calls }) => ({
    role: 'assistant',
    content,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls.map((call, index) => ({ index, ...call })) }),
  }),
  refusal: (_status, message) => ({
    error: { message, type: 'invalid_request_error', param: null, code: 'invalid_request_error' },
  }),
  pages: {
    '/models': { object: 'list', data: [{ id: 'deepseek-v4-flash', object: 'model', owned_by: 'deepseek' }] },
  },
}
