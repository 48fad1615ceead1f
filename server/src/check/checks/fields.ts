import type { Area } from '../check.ts'
import { named, weather } from '../samples.ts'
import { type Acceptance, accepts, type Refusal, refuses, withoutTools } from '../statuses.ts'

const strings = (count: number) => Array.from({ length: count }, (_, i) => `~${i}~`)
/** Infinity does not survive `JSON.stringify`; a number of this size is it on the other side, and 400 as well as an integer. */
const notWhole = 1.5

export const fieldRefusals: readonly Refusal[] = [
  {
    id: 'T15',
    title: 'model must be a name',
    contract: 'C10',
    cases: [
      [{ model: undefined }, 'model'],
      [{ model: null }, 'model'],
      [{ model: '' }, 'model'],
      [{ model: 123 }, 'model'],
    ],
  },
  {
    id: 'T17',
    title: 'messages must be a list with something in it',
    contract: 'C10',
    cases: [
      [{ messages: undefined }, 'messages'],
      [{ messages: [] }, 'messages'],
      [{ messages: 'hi' }, 'messages'],
      [{ messages: {} }, 'messages'],
    ],
  },
  {
    id: 'T18',
    title: 'max_tokens must be a whole number from 1',
    contract: 'C10, C13',
    cases: [
      [{ max_tokens: 0 }, 'max_tokens'],
      [{ max_tokens: -1 }, 'max_tokens'],
      [{ max_tokens: notWhole }, 'max_tokens'],
      [{ max_tokens: '2' }, 'max_tokens'],
      [{ max_tokens: true }, 'max_tokens'],
    ],
  },
  {
    id: 'T22',
    title: 'temperature is a number 0..2, top_p a number 0..1',
    contract: 'C10, C13',
    cases: [
      [{ temperature: -0.1 }, 'temperature'],
      [{ temperature: 2.1 }, 'temperature'],
      [{ temperature: '1' }, 'temperature'],
      [{ top_p: -0.01 }, 'top_p'],
      [{ top_p: 1.01 }, 'top_p'],
      [{ top_p: '1' }, 'top_p'],
    ],
  },
  {
    id: 'T25',
    title: 'penalties are numbers -2..2',
    contract: 'C13',
    cases: [
      [{ frequency_penalty: -2.1 }, 'frequency_penalty'],
      [{ frequency_penalty: 2.1 }, 'frequency_penalty'],
      [{ presence_penalty: -2.1 }, 'presence_penalty'],
      [{ presence_penalty: 2.1 }, 'presence_penalty'],
    ],
  },
  {
    id: 'T27',
    title: 'stop is a string or at most 16 of them',
    contract: 'C10, C13',
    cases: [
      [{ stop: strings(17) }, 'stop'],
      [{ stop: 5 }, 'stop'],
      [{ stop: {} }, 'stop'],
      [{ stop: [1] }, 'stop[0]'],
    ],
  },
  {
    id: 'T29',
    title: 'stream is true or false',
    contract: 'C10',
    cases: [
      [{ stream: 'true' }, 'stream'],
      [{ stream: 1 }, 'stream'],
    ],
  },
  {
    id: 'T30',
    title: 'stream_options without a stream is refused',
    contract: 'section 2',
    cases: [
      [{ stream_options: { include_usage: true } }, 'stream_options'],
      [{ stream_options: { include_usage: true }, stream: false }, 'stream_options'],
    ],
  },
  {
    id: 'T31',
    title: 'include_usage is true or false',
    contract: 'C10',
    cases: [[{ stream: true, stream_options: { include_usage: 'yes' } }, 'stream_options.include_usage']],
  },
  {
    id: 'T32',
    title: 'response_format must be one that is known',
    contract: 'section 2',
    cases: [
      [{ response_format: 'json_object' }, 'response_format'],
      [{ response_format: {} }, 'response_format.type'],
      [{ response_format: { type: 'xml' } }, 'response_format.type'],
    ],
  },
  {
    id: 'T33',
    title: 'thinking and reasoning_effort must be ones that are known',
    contract: 'C32',
    cases: [
      [{ thinking: true }, 'thinking'],
      [{ thinking: { type: 'auto' } }, 'thinking.type'],
      [{ reasoning_effort: 'extreme' }, 'reasoning_effort'],
      [{ reasoning_effort: 5 }, 'reasoning_effort'],
    ],
  },
  {
    id: 'T34',
    title: 'user_id is 1 to 512 characters of a small alphabet',
    contract: 'section 2',
    cases: [
      [{ user_id: 'a'.repeat(513) }, 'user_id'],
      [{ user_id: 'a b' }, 'user_id'],
      [{ user_id: '' }, 'user_id'],
      [{ user_id: 'é' }, 'user_id'],
      [{ user_id: 5 }, 'user_id'],
    ],
  },
  {
    id: 'T35',
    title: 'n other than 1 is refused, not ignored',
    contract: 'C12',
    code: 'unsupported_parameter',
    cases: [
      [{ n: 2 }, 'n'],
      [{ n: 0 }, 'n'],
    ],
  },
  {
    id: 'T36',
    title: 'what would change the answer and is not served is refused, not ignored',
    contract: 'C12',
    code: 'unsupported_parameter',
    cases: [
      [{ logit_bias: { '1': 5 } }, 'logit_bias'],
      [{ functions: [{ name: 'f' }] }, 'functions'],
      [{ modalities: ['audio'] }, 'modalities'],
    ],
  },
  {
    id: 'T37',
    title: 'top_logprobs needs logprobs, and is at most 20',
    contract: 'section 2',
    cases: [
      [{ top_logprobs: 3 }, 'top_logprobs'],
      [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
    ],
  },
  {
    id: 'T60',
    title: 'tools are a list of at most 128',
    contract: 'section 2',
    unless: withoutTools,
    cases: [
      [{ tools: Array.from({ length: 129 }, (_, i) => toolNamed(`f${i}`)) }, 'tools'],
      [{ tools: {} }, 'tools'],
    ],
  },
  {
    id: 'T61',
    title: 'names of functions are checked, and stand once',
    contract: 'C41',
    unless: withoutTools,
    cases: [
      [{ tools: [toolNamed('a'.repeat(129))] }, 'tools[0].function.name'],
      [{ tools: [toolNamed('')] }, 'tools[0].function.name'],
      [{ tools: [toolNamed('a b')] }, 'tools[0].function.name'],
      [{ tools: [toolNamed('f'), toolNamed('f')] }, 'tools[1].function.name'],
    ],
  },
  {
    id: 'T62',
    title: 'a tool is a function',
    contract: 'C41',
    unless: withoutTools,
    cases: [
      [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
      [{ tools: [{ type: 'retrieval' }] }, 'tools[0].type'],
    ],
  },
  {
    id: 'T63',
    title: 'parameters of a function are a JSON Schema',
    contract: 'C42, C52',
    unless: withoutTools,
    cases: [
      [{ tools: [toolNamed('f', { parameters: { type: 'objekt' } })] }, 'tools[0].function.parameters'],
      [{ tools: [toolNamed('f', { parameters: [] })] }, 'tools[0].function.parameters'],
      [
        { tools: [toolNamed('f', { strict: true, parameters: { type: 'object', properties: {} } })] },
        'tools[0].function.parameters',
      ],
    ],
  },
  {
    id: 'T65',
    title: 'tool_choice must be one that can be kept',
    contract: 'C43, C44',
    unless: withoutTools,
    cases: [
      [{ tools: [weather], tool_choice: named('nobody') }, 'tool_choice'],
      [{ tools: [weather], tool_choice: 'any' }, 'tool_choice'],
      [{ tools: [weather], tool_choice: 5 }, 'tool_choice'],
      [{ tools: [], tool_choice: 'required' }, 'tool_choice'],
    ],
  },
  {
    id: 'T80',
    title: 'json_schema needs a name and a schema',
    contract: 'C56',
    cases: [
      [{ response_format: { type: 'json_schema', json_schema: { name: 'a' } } }, 'response_format.json_schema.schema'],
      [
        { response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } } },
        'response_format.json_schema.name',
      ],
    ],
  },
]

function toolNamed(name: string, more: object = {}) {
  return { type: 'function', function: { name, ...more } }
}

const acceptances: readonly Acceptance[] = [
  {
    id: 'T19',
    title: 'max_tokens may be null, 2.0 or larger than anything',
    contract: 'C10, C14',
    cases: [{ max_tokens: null }, { max_tokens: 2 }, { max_tokens: 1_000_000_000 }],
  },
  {
    id: 'T23',
    title: 'the ends of the ranges count: temperature 0 and 2, top_p 0',
    contract: 'C13, C17',
    cases: [{ temperature: 0 }, { temperature: 2 }, { top_p: 0 }],
  },
  {
    id: 'T26',
    title: 'penalties of 2 and -2 are taken',
    contract: 'C13',
    cases: [
      { frequency_penalty: 2, presence_penalty: 2 },
      { frequency_penalty: -2, presence_penalty: -2 },
    ],
  },
  {
    id: 'T28',
    title: 'stop may be 16 strings, empty strings, an empty list or null',
    contract: 'C19',
    cases: [{ stop: strings(16) }, { stop: '' }, { stop: ['', ''] }, { stop: [] }, { stop: null }],
  },
  {
    id: 'T38',
    title: 'unknown fields are ignored',
    contract: 'C11',
    cases: [{ foo: 1 }, { chat_template_kwargs: { no_such_thing: 1 } }],
  },
  {
    id: 'C10',
    title: 'null stands for an absent field',
    contract: 'C10',
    cases: [
      { stream: null, stream_options: null, response_format: null, thinking: null, n: null },
      { temperature: null, top_p: null, tools: null, user_id: null },
    ],
  },
  {
    id: 'T40',
    title: 'all fields of the page in one request',
    contract: 'section 2',
    cases: [
      {
        thinking: {},
        max_tokens: 2,
        response_format: { type: 'text' },
        stop: '<string>',
        stream: true,
        stream_options: { include_usage: true },
        temperature: 1,
        top_p: 1,
        tools: [toolNamed('f')],
        frequency_penalty: 0,
        presence_penalty: 0,
        user_id: 'string',
      },
    ],
  },
  {
    id: 'T64',
    title: 'an empty list of tools is none',
    contract: 'C43',
    cases: [{ tools: [] }, { tools: [], tool_choice: 'auto' }, { tool_choice: 'none' }],
  },
]

export const fields: Area = {
  name: 'Request fields',
  checks: [...fieldRefusals.map(refuses), ...acceptances.map(accepts)],
}
