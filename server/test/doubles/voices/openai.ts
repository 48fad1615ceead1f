import type { Voice } from '../voice.ts'

/** A server that speaks OpenAI's chat completions and shows no reasoning. */
export const openai: Voice = {
  kind: 'openai',
  thinks: () => false,
  head: (body) => ({
    id: 'chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG',
    created: 1_795_305_600,
    model: body.model,
    service_tier: 'default',
    system_fingerprint: 'fp_44709d6fcb',
  }),
  choice: { logprobs: null },
  first: { role: 'assistant', content: '', refusal: null },
  reasoning: (text) => ({ reasoning_content: text }),
  content: (text) => ({ content: text }),
  callStart: (index, id, name) => ({
    tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
  }),
  callPart: (index, text) => ({ tool_calls: [{ index, function: { arguments: text } }] }),
  last: {},
  finishing: () => ({}),
  usage: ({ prompt, cached, completion, reasoning }) => ({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }),
  unused: { usage: null },
  message: ({ content, calls }) => ({
    role: 'assistant',
    content: calls.length > 0 && content === '' ? null : content,
    refusal: null,
    annotations: [],
    ...(calls.length > 0 && { tool_calls: calls }),
  }),
  refusal: (_status, message) => ({
    error: { message, type: 'invalid_request_error', param: null, code: null },
  }),
  pages: {
    '/models': {
      object: 'list',
      data: [{ id: 'upstream-model', object: 'model', created: 1_795_305_600, owned_by: 'x' }],
    },
  },
}
