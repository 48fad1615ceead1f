import { readFileSync } from 'node:fs'
import type { Received, Replies, Reply } from './replies.ts'
import { doneLine, jsonReply, lineOf } from './voice.ts'

/**
 * Servers by their raw endpoints, in the shapes that they document: they make tokens of text, and speak a model's raw text, which is
 * scripted. Their tokens are code points, and the special tokens.
 */

export type RawKind = 'sglang' | 'vllm' | 'llama-server'

interface RawRun {
  /** The model's own text; `·` is a token border. */
  readonly raw: string
  /** After the last token: a natural end (default), a broken connection, silence, or the end of the stream without a word. */
  readonly ends?: 'stop' | 'lost' | 'stall' | 'silent'
  /** Pause before each token, in milliseconds. */
  readonly delayMs?: number
}

/** What was asked of the model. */
export interface RawAsked {
  /** The prompt's tokens as text, the special ones as `⟦…⟧`. */
  readonly prompt: string
  readonly gbnf: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly body: any
  readonly received: Received
}

export interface RawServer {
  readonly runs: readonly (string | RawRun)[] | ((asked: RawAsked, index: number) => string | RawRun)
  readonly contextWindow?: number
  /** Tells nobody its template. */
  readonly secretive?: boolean
  /** What it refuses, and how. */
  readonly refuses?: (received: Received, runs: number) => Reply | undefined
  /** All of an answer, whatever it was. */
  readonly reply?: (reply: Reply, index: number) => Reply
}

export const template = readFileSync(new URL('../../../models/demo/template.jinja', import.meta.url), 'utf8')
const control = ['<｜begin▁of▁sentence｜>', '<｜end▁of▁sentence｜>', '<｜User｜>', '<｜Assistant｜>']
const special: readonly string[] = [...control, '<think>', '</think>', '｜DSML｜']
const eos = special.indexOf('<｜end▁of▁sentence｜>')

/** @param plain no token is special */
function tokensOf(text: string, plain: boolean): number[] {
  const tokens: number[] = []
  for (let at = 0; at < text.length; ) {
    const found = plain ? -1 : special.findIndex((one) => text.startsWith(one, at))
    const point = text.codePointAt(at) ?? 0
    tokens.push(found < 0 ? special.length + point : found)
    at += found < 0 ? String.fromCodePoint(point).length : (special[found]?.length ?? 1)
  }
  return tokens
}

/** What stands in the file of that name beside the model. */
export const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  chat_template: template,
  bos_token: { content: control[0] },
  eos_token: control[1],
  added_tokens_decoder: Object.fromEntries(
    special.map((content, id) => [id, { content, special: control.includes(content) }]),
  ),
}

const textOf = (tokens: readonly number[]): string =>
  tokens
    .map((token) => (token < special.length ? `⟦${special[token]}⟧` : String.fromCodePoint(token - special.length)))
    .join('')

/** What is different from one kind's raw wire to the next. */
interface RawVoice {
  readonly tokenize: { readonly path: string; readonly read: (body: RawAsked['body']) => readonly [string, boolean] }
  readonly generatePath: string
  readonly limit: (body: RawAsked['body']) => number
  readonly gbnf: (body: RawAsked['body']) => string | undefined
  readonly pages: (server: RawServer) => Readonly<Record<string, object>>
  readonly refusal: (status: number, message: string, type?: string) => object
  readonly begin: (prompt: number) => readonly object[]
  readonly token: (text: string, told: Told) => readonly object[]
  readonly end: (reason: 'stop' | 'length', told: Told) => readonly object[]
  readonly done: string
}

interface Told {
  readonly prompt: number
  readonly written: number
  readonly body: RawAsked['body']
}

const llamaServer: RawVoice = {
  tokenize: { path: '/tokenize', read: ({ content, parse_special: parse = true }) => [content, !parse] },
  generatePath: '/completion',
  limit: ({ n_predict: limit = -1 }) => (limit < 0 ? Infinity : limit),
  gbnf: ({ grammar }) => grammar,
  pages: ({ contextWindow = 4096, secretive }) => ({
    '/props': {
      default_generation_settings: { n_ctx: contextWindow, params: { temperature: 0.8, top_k: 40 } },
      total_slots: 4,
      model_path: '/models/some-model.gguf',
      ...(!secretive && { chat_template: template, bos_token: control[0], eos_token: control[1] }),
      build_info: 'b1-0000000',
    },
  }),
  refusal: (code, message, type = 'invalid_request_error') => ({ error: { code, message, type } }),
  begin: (prompt) => [
    {
      ...{
        index: 0,
        content: '',
        tokens: [-1],
        stop: false,
        id_slot: -1,
        tokens_predicted: 0,
        tokens_evaluated: prompt,
      },
      prompt_progress: { total: prompt, cache: 0, processed: prompt, time_ms: 1 },
    },
  ],
  // Half a character is not sent; a special token is sent without its text.
  token: (text, { prompt, written, body }) => {
    if (text === '') return []
    const [only, ...more] = tokensOf(text, false)
    const isSpecial = more.length === 0 && only !== undefined && only < special.length
    const bytes = [...Buffer.from(text)]
    return [
      {
        ...{
          index: 0,
          content: isSpecial ? '' : text,
          // Its vocabulary has no token for several characters, though it says them at once.
          tokens: more.length === 0 ? [only] : [],
          stop: false,
          id_slot: 0,
        },
        ...{ tokens_predicted: written, tokens_evaluated: prompt },
        ...(body.n_probs > 0 && {
          completion_probabilities: [
            { id: 1, token: text, bytes, logprob: -0.5, top_logprobs: [{ id: 1, token: text, bytes, logprob: -0.5 }] },
          ],
        }),
      },
    ]
  },
  end: (reason, { prompt, written }) => {
    const total = reason === 'stop' ? written + 1 : written
    const last = {
      index: 0,
      content: '',
      tokens: [eos],
      stop: false,
      tokens_predicted: total,
      tokens_evaluated: prompt,
    }
    return [
      ...(reason === 'stop' ? [last] : []),
      {
        ...{ content: '', tokens: [], stop: true, stop_type: reason === 'stop' ? 'eos' : 'limit', truncated: false },
        ...{ tokens_predicted: total, tokens_evaluated: prompt },
        timings: { cache_n: 0, prompt_n: prompt, predicted_n: total },
      },
    ]
  },
  done: '',
}

const completions = (kind: 'sglang' | 'vllm'): RawVoice => {
  const head = { id: 'cmpl-1', object: 'text_completion', created: 1_795_305_600, model: 'upstream-model' }
  const usage = (prompt: number, completion: number, more: object = {}) => ({
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, ...more },
  })
  const chunk = (text: string, reason: string | null, { prompt, written, body }: Told) => ({
    ...head,
    choices: [
      {
        ...{ index: 0, text, finish_reason: reason },
        logprobs:
          body.logprobs === undefined || text === ''
            ? null
            : { text_offset: [0], tokens: [text], token_logprobs: [-0.5], top_logprobs: [{ [text]: -0.5, other: -1 }] },
        ...(kind === 'vllm' ? { stop_reason: null } : { matched_stop: reason === 'stop' ? eos : null }),
      },
    ],
    ...(body.stream_options?.continuous_usage_stats && usage(prompt, written)),
  })
  return {
    tokenize: { path: kind === 'vllm' ? '/tokenize' : '/v1/tokenize', read: ({ prompt }) => [prompt, false] },
    generatePath: '/v1/completions',
    limit: ({ max_tokens: limit = 16 }) => limit,
    gbnf: (body) => (kind === 'vllm' ? body.structured_outputs?.grammar : body.ebnf),
    pages: ({ contextWindow = 4096, secretive }) => ({
      '/v1/models': { object: 'list', data: [{ id: 'upstream-model', object: 'model', max_model_len: contextWindow }] },
      ...(kind === 'vllm' && !secretive && { '/tokenizer_info': tokenizerConfig }),
    }),
    refusal: (code, message) =>
      kind === 'vllm'
        ? { error: { message, type: 'BadRequestError', param: null, code } }
        : { object: 'error', message, type: 'BadRequestError', param: null, code },
    begin: () => [],
    token: (text, told) => [chunk(text, null, told)],
    end: (reason, told) => {
      const total = reason === 'stop' ? told.written + 1 : told.written
      const details = { prompt_tokens_details: kind === 'vllm' ? { cached_tokens: 3 } : null }
      return [
        chunk('', reason, { ...told, written: total }),
        ...(told.body.stream_options?.include_usage
          ? [{ ...head, choices: [], ...usage(told.prompt, total, details) }]
          : []),
      ]
    },
    done: doneLine,
  }
}

const voices: Readonly<Record<RawKind, RawVoice>> = {
  sglang: completions('sglang'),
  vllm: completions('vllm'),
  'llama-server': llamaServer,
}

export interface RawDouble {
  readonly replies: Replies
  /** The generations asked for, in order. */
  readonly asked: readonly RawAsked[]
}

/** A server of this kind with raw endpoints alone: for whatever else it is asked it has no page. */
export function rawDouble(kind: RawKind, server: RawServer): RawDouble {
  const voice = voices[kind]
  const pages = voice.pages(server)
  const asked: RawAsked[] = []
  const replies = (received: Received): Reply => {
    const { method, path, body } = received
    const refused = server.refuses?.(received, asked.length)
    if (refused) return refused
    if (method === 'POST' && path === voice.tokenize.path) {
      const tokens = tokensOf(...voice.tokenize.read(body))
      return jsonReply({ tokens, count: tokens.length, max_model_len: server.contextWindow ?? 4096 })
    }
    if (method === 'POST' && path === voice.generatePath) {
      const one = { prompt: textOf(body.prompt), gbnf: voice.gbnf(body), body, received }
      const index = asked.push(one) - 1
      const reply = spoken(voice, server, one, index)
      return server.reply?.(reply, index) ?? reply
    }
    const page = method === 'GET' && pages[path]
    return page ? jsonReply(page) : jsonReply(voice.refusal(404, 'Not Found'), 404)
  }
  return { replies, asked }
}

function spoken(voice: RawVoice, { runs, contextWindow = 4096 }: RawServer, asked: RawAsked, index: number): Reply {
  const { body } = asked
  const prompt: number = body.prompt.length
  if (prompt >= contextWindow) {
    const message = `request (${prompt} tokens) exceeds the available context size (${contextWindow} tokens), try increasing it`
    return jsonReply(voice.refusal(400, message, 'exceed_context_size_error'), 400)
  }
  const script = typeof runs === 'function' ? runs(asked, index) : (runs[Math.min(index, runs.length - 1)] ?? '')
  const { raw, ends = 'stop', delayMs } = typeof script === 'string' ? { raw: script } : script
  const tokens = raw === '' ? [] : raw.split('·')
  const limit = voice.limit(body)
  const cut = tokens.length >= limit
  const told = (written: number): Told => ({ prompt, written, body })
  const lines = (events: readonly object[]) => events.map(lineOf).join('')
  return {
    pieces: [
      lines(voice.begin(prompt)),
      ...tokens.slice(0, limit).flatMap((text, i) => [delayMs ?? 0, lines(voice.token(text, told(i + 1)))]),
      ...(ends === 'stop' || cut
        ? [lines(voice.end(cut ? 'length' : 'stop', told(Math.min(tokens.length, limit)))), voice.done]
        : []),
    ],
    ends: cut ? 'properly' : ({ stop: 'properly', lost: 'reset', stall: 'silent', silent: 'properly' } as const)[ends],
  }
}
