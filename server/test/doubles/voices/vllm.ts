import type { Voice } from '../voice.ts'

/** vLLM: thinks unless its template is told not to; reasoning is called `reasoning`; a choice has a `stop_reason`. */
export const vllm: Voice = {
  kind: 'vllm',
  thinks: ({ chat_template_kwargs: told }) => told?.thinking !== false && told?.enable_thinking !== false,
  head: (body) => ({ id: 'chatcmpl-8b2b91720edd4372b0579e89255b4828', created: 1_795_305_600, model: body.model }),
  choice: { logprobs: null, token_ids: null },
  first: { role: 'assistant', content: '' },
  reasoning: (text) => ({ reasoning: text }),
  content: (text) => ({ content: text }),
  callStart: (index, id, name) => ({
    tool_calls: [{ id, type: 'function', index, function: { name, arguments: '' } }],
  }),
  callPart: (index, text) => ({ tool_calls: [{ index, function: { arguments: text } }] }),
  last: { content: '' },
  finishing: ({ matched }) => ({ stop_reason: matched }),
  usage: ({ prompt, cached, completion }) => ({
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    completion_tokens: completion,
    ...(cached > 0 && { prompt_tokens_details: { cached_tokens: cached } }),
  }),
  message: ({ reasoning, content, calls }) => ({
    role: 'assistant',
    content: content === '' ? null : content,
    refusal: null,
    annotations: null,
    audio: null,
    function_call: null,
    tool_calls: calls,
    reasoning: reasoning || null,
  }),
  refusal: (status, message) => ({
    error: { message, type: status === 400 ? 'BadRequestError' : 'InternalServerError', param: null, code: status },
  }),
  pages: {
    '/health': '',
    '/version': { version: '0.15.0' },
    '/models': {
      object: 'list',
      data: [
        {
          id: 'upstream-model',
          object: 'model',
          created: 1_795_305_600,
          owned_by: 'vllm',
          root: 'upstream-model',
          parent: null,
          max_model_len: 100_000,
          permission: [],
        },
      ],
    },
    '/metrics': [
      '# TYPE vllm:num_requests_running gauge',
      'vllm:num_requests_running{engine="0",model_name="upstream-model"} 0.0',
      '# TYPE vllm:num_requests_waiting gauge',
      'vllm:num_requests_waiting{engine="0",model_name="upstream-model"} 0.0',
      '# TYPE vllm:kv_cache_usage_perc gauge',
      'vllm:kv_cache_usage_perc{engine="0",model_name="upstream-model"} 0.0',
      '',
    ].join('\n'),
  },
}
