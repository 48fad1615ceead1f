import { randomBytes } from 'node:crypto'
import { bodyB } from '../client.ts'

/** What one client of the soak run asks for, and what only the answer to this very request can contain. */
export interface Errand {
  readonly kind: string
  readonly body: Readonly<Record<string, unknown>>
  /** Stands in the answer whatever the model would rather say, because a grammar demands it. */
  readonly mark?: string
  /** Answers to the same `body` are greedy: alone and under load they should be the same. */
  readonly reference?: number
  /** The client leaves after so many pieces of the stream; 0: before its first. */
  readonly leavesAfter?: number
  /** What a refused request is answered with. */
  readonly status?: number
}

const words = ['river', 'cloud', 'stone', 'lemon', 'tiger', 'candle', 'mirror', 'ladder', 'copper', 'shadow']

/** Greedy requests whose answers are taken once alone, and compared under load. */
export const references = words.map((word, index) => ({
  messages: [{ role: 'user', content: `Repeat: ${word} ${word}` }],
  temperature: 0,
  max_tokens: 24,
  thinking: { type: index % 2 === 0 ? 'disabled' : 'enabled' },
}))

const marked = (mark: string) => ({
  type: 'object',
  properties: { id: { type: 'string', enum: [mark] }, note: { type: 'string', maxLength: 12 } },
  required: ['id', 'note'],
  additionalProperties: false,
})
const asJson = (mark: string) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'marked', strict: true, schema: marked(mark) } },
})
const asCall = (mark: string) => ({
  tools: [{ type: 'function', function: { name: 'take', strict: true, parameters: marked(mark) } }],
  tool_choice: 'required',
  parallel_tool_calls: false,
})
const off = { thinking: { type: 'disabled' } }

/** The `turn`-th errand of a client: all kinds in turn, streams and whole answers, each client from another start. */
export function errandOf(client: number, turn: number): Errand {
  const mark = `m${randomBytes(6).toString('hex')}`
  const at = client * 7 + turn
  const stream = Math.floor(at / kinds.length) % 3 !== 0
  const asks = { user_id: `client-${client}`, stream, ...(stream && at % 2 === 0 && { stream_options: usageAsked }) }
  const kind = kinds[at % kinds.length]
  switch (kind) {
    case 'greedy': {
      const reference = at % references.length
      return { kind, reference, body: bodyB({ ...references[reference], ...asks }) }
    }
    case 'thinking':
      return { kind, body: bodyB({ ...asks, messages: said(`Count to three, ${mark}.`), max_tokens: 40 }) }
    case 'json':
      return { kind, mark, body: bodyB({ ...asks, ...off, ...asJson(mark), max_tokens: 200 }) }
    case 'call':
      return { kind, mark, body: bodyB({ ...asks, ...off, ...asCall(mark), max_tokens: 200 }) }
    case 'stop':
      return { kind, body: bodyB({ ...asks, ...off, messages: said(`Hi ${mark}`), stop: ['e', 'a'], max_tokens: 40 }) }
    case 'long prompt':
      return { kind, body: bodyB({ ...asks, messages: said(`${mark} and `.repeat(40)), max_tokens: 4 }) }
    case 'leaving':
      return { kind, leavesAfter: at % 5, body: bodyB({ ...asks, stream: true, ...off, ...endless }) }
    default:
      return { kind: 'refused', status: 400, body: bodyB({ ...asks, messages: said(mark), temperature: 3 }) }
  }
}

const kinds = ['greedy', 'json', 'thinking', 'call', 'greedy', 'stop', 'leaving', 'long prompt', 'greedy', 'refused']
const usageAsked = { include_usage: true }
const said = (content: string) => [{ role: 'user', content }]

/** Hundreds of tokens, for clients that do not wait for them. */
const endless = {
  response_format: {
    type: 'json_schema',
    json_schema: {
      name: 'endless',
      strict: true,
      schema: {
        type: 'object',
        properties: { numbers: { type: 'array', items: { type: 'integer' }, minItems: 300, maxItems: 300 } },
        required: ['numbers'],
        additionalProperties: false,
      },
    },
  },
}
