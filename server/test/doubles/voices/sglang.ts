import type { Voice } from '../voice.ts'

const nothing = { role: null, content: null, tool_calls: null }

/** SGLang: thinks only when the template is told to; every delta has all its keys, most of them null. */
export const sglang: Voice = {
  kind: 'sglang',
  thinks: ({ chat_template_kwargs: told }) => told?.thinking === true || told?.enable_thinking === true,
  head: (body) => ({ id: 'fea45bfa7bbd4209b1e71bdcdcc6c667', created: 1_795_305_600, model: body.model }),
  choice: { logprobs: null, matched_stop: null },
  first: { ...nothing, role: 'assistant', content: '' },
  reasoning: (text) => ({ ...nothing, reasoning_content: text }),
  content: (text) => ({ ...nothing, content: text }),
  callStart: (index, id, name) => ({
    ...nothing,
    tool_calls: [{ id, index, type: 'function', function: { name, arguments: '' } }],
  }),
  callPart: (index, text) => ({
    ...nothing,
    tool_calls: [{ id: null, index, type: 'function', function: { name: null, arguments: text } }],
  }),
  last: nothing,
  // The id of the token that ended the answer, where no stop string did.
  finishing: ({ matched, finish }) => ({ matched_stop: matched ?? (finish === 'stop' ? 151_645 : null) }),
  usage: ({ prompt, cached, completion, reasoning }) => ({
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    completion_tokens: completion,
    prompt_tokens_details: cached > 0 ? { cached_tokens: cached } : null,
    reasoning_tokens: reasoning,
  }),
  unused: { usage: null },
  message: ({ reasoning, content, calls }) => ({
    role: 'assistant',
    content: content === '' ? null : content,
    reasoning_content: reasoning || null,
    tool_calls: calls.length > 0 ? calls.map((call, index) => ({ ...call, index })) : null,
  }),
  refusal: (status, message) => ({
    object: 'error',
    message,
    type: status === 400 ? 'BadRequestError' : 'InternalServerError',
    param: null,
    code: status,
  }),
  pages: {
    '/health': '',
    '/models': {
      object: 'list',
      data: [
        {
          id: 'upstream-model',
          object: 'model',
          created: 1_795_305_600,
          owned_by: 'sglang',
          root: 'upstream-model',
          parent: null,
          max_model_len: 100_000,
        },
      ],
    },
    '/get_model_info': { model_path: 'upstream-model', tokenizer_path: 'upstream-model', is_generation: true },
    '/metrics': [
      '# TYPE sglang:num_running_reqs gauge',
      'sglang:num_running_reqs{model_name="upstream-model"} 0.0',
      '# TYPE sglang:num_queue_reqs gauge',
      'sglang:num_queue_reqs{model_name="upstream-model"} 0.0',
      '# TYPE sglang:token_usage gauge',
      'sglang:token_usage{model_name="upstream-model"} 0.0',
      '',
    ].join('\n'),
  },
}
