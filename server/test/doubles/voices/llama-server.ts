import type { Turn, Voice } from '../voice.ts'

const timings = ({ counts }: Turn) => ({
  cache_n: counts.cached,
  prompt_n: counts.prompt - counts.cached,
  prompt_ms: 12.5,
  prompt_per_token_ms: 0.5,
  prompt_per_second: 2_000.1,
  predicted_n: counts.completion,
  predicted_ms: 250.25,
  predicted_per_token_ms: 10.01,
  predicted_per_second: 99.9,
})

/** The server of llama.cpp: one empty finish chunk, timings on the last chunk of all. */
export const llamaServer: Voice = {
  kind: 'llama-server',
  thinks: ({ chat_template_kwargs: told }) => told?.enable_thinking !== false,
  head: (body) => ({
    created: 1_795_305_600,
    id: 'chatcmpl-cnqU5kRpKNhzM2J2rSxmpU9wCmBhMQUf',
    model: body.model ?? 'default',
    system_fingerprint: 'b7406-4aced7a63',
  }),
  choice: {},
  first: { role: 'assistant', content: null },
  reasoning: (text) => ({ reasoning_content: text }),
  content: (text) => ({ content: text }),
  callStart: (index, id, name) => ({
    tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
  }),
  callPart: (index, text) => ({ tool_calls: [{ index, function: { arguments: text } }] }),
  last: {},
  finishing: () => ({}),
  usage: ({ prompt, cached, completion }) => ({
    completion_tokens: completion,
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  }),
  extras: (turn) => ({ timings: timings(turn) }),
  message: ({ reasoning, content, calls }) => ({
    role: 'assistant',
    content,
    ...(reasoning && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }),
  refusal: (status, message) => ({
    error: { code: status, message, type: status === 503 ? 'unavailable_error' : 'invalid_request_error' },
  }),
  pages: {
    '/health': { status: 'ok' },
    '/models': {
      object: 'list',
      data: [
        {
          id: 'upstream-model',
          object: 'model',
          created: 1_795_305_600,
          owned_by: 'llamacpp',
          meta: { vocab_type: 2, n_vocab: 4_096, n_ctx: 100_000, n_ctx_train: 100_000, n_embd: 256 },
        },
      ],
    },
    '/props': { default_generation_settings: { n_ctx: 100_000 }, total_slots: 4, model_path: 'upstream-model.gguf' },
    '/metrics': [
      '# HELP llamacpp:requests_processing Number of requests processing.',
      '# TYPE llamacpp:requests_processing gauge',
      'llamacpp:requests_processing 0',
      '# HELP llamacpp:requests_deferred Number of requests deferred.',
      '# TYPE llamacpp:requests_deferred gauge',
      'llamacpp:requests_deferred 0',
      '',
    ].join('\n'),
  },
}
