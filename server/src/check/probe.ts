/** What a check asks a server through: a chat request is asked once and judged many times. */
import { pause } from '../lib/pause.ts'
import type { Answer, Exchange, Sent } from './exchange.ts'

/** A server as the operator names it. */
export interface Target {
  /** With the path under which `/chat/completions` lies, and no slash at its end. */
  readonly baseUrl: string
  readonly model: string
  /** Sent to this server, and shown nowhere. */
  readonly key?: string
}

export type Fields = Readonly<Record<string, unknown>>

export interface Asked {
  /** The same request for the second and third time. */
  readonly nth?: number
  /** A success needs not be read: its status says all. */
  readonly onlyStatus?: boolean
}

export interface Probe {
  readonly model: string
  /** What the first look found; every other check may rely on it. */
  readonly survey: Survey
  /** Whether a key is sent. */
  readonly hasKey: boolean
  /** The smallest chat request, with these fields added or replaced; `undefined` takes one out. */
  chat(fields: Fields, asked?: Asked): Promise<Answer>
  /** Anything else, relative to the address: `/models`; with `root`, to what stands before `/v1`. A header that is empty is left out. */
  send(path: string, sent?: Partial<Omit<Sent, 'url'>> & { readonly root?: boolean }): Promise<Answer>
  /** All answers so far. */
  readonly answers: readonly Answer[]
  /** Takes the key out of a text: a server may repeat it in what it says. */
  conceal(text: string): string
}

/** What a server does when asked politely. */
export interface Survey {
  /** It shows reasoning, in whatever form, when the request is silent about thinking. */
  readonly thinks: boolean
  /** Fields that keep it from thinking, where it takes them. */
  readonly quiet: Fields
  /** Tokens that an answer needs with `quiet`: more where it thinks all the same. */
  readonly room: number
  /** Tokens of prompt and answer together, where the list of models tells. */
  readonly window?: number
  /** Each: undefined, or why it is not there. */
  readonly tools: string | undefined
  readonly logprobs: string | undefined
  /** They are not refused, and there. */
  readonly givesLogprobs: boolean
}

/** The server has no time for us: nothing can be said of what this check is about. */
export class Busy extends Error {
  override readonly name = 'Busy'
}

/** There is no server any more: nothing can be said of all the rest. */
export class Gone extends Error {
  override readonly name = 'Gone'
}

const patienceMax = 3
const waitMsMax = 20_000

export interface ProbeOptions {
  readonly exchange: Exchange
  /** Aborted: the run is over, by its own limit or by the operator. */
  readonly signal: AbortSignal
}

export type Asking = Omit<Probe, 'survey'>

export function createAsking({ baseUrl, model, key }: Target, { exchange, signal }: ProbeOptions): Asking {
  const answers: Answer[] = []
  const known = new Map<string, Promise<Answer>>()
  const base = new URL(baseUrl)
  const rootPath = base.pathname.replace(/\/v1$/, '').replace(/\/$/, '')

  const send: Probe['send'] = async (path, { root = false, method = 'GET', headers, ...more } = {}) => {
    const url = new URL(base)
    url.pathname = (root ? rootPath : base.pathname.replace(/\/$/, '')) + path
    const ownHeaders = { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers }
    const sentHeaders = Object.fromEntries(Object.entries(ownHeaders).filter(([, value]) => value !== ''))
    for (let patience = 0; ; patience++) {
      const answer = await exchange.send({ url, method, headers: sentHeaders, ...more }, signal)
      if (isGone(answer) && answers.length > 0) throw new Gone('the server went away')
      if (answer.status !== 429 && !(answer.status === 503 && 'retry-after' in answer.headers)) {
        answers.push(answer)
        return answer
      }
      if (patience === patienceMax) throw new Busy(`it answered ${answer.status} again and again`)
      await pause(waitMsIn(answer), signal)
    }
  }

  return {
    model,
    hasKey: key !== undefined,
    answers,
    send,
    conceal: (text) => (key ? text.replaceAll(key, '****') : text),
    chat(fields, { nth = 0, onlyStatus = false } = {}) {
      const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }], ...fields })
      const name = `${nth} ${onlyStatus} ${body}`
      const asked =
        known.get(name) ??
        send('/chat/completions', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          onlyStatus,
        })
      known.set(name, asked)
      return asked
    },
  }
}

/** Nobody listens there any more. A connection that breaks is another matter: a check may be the reason. */
const isGone = ({ status, trouble }: Answer): boolean => status === 0 && /ECONNREFUSED/.test(trouble ?? '')

/** A date is not read: a second will do. */
function waitMsIn({ headers }: Answer): number {
  const seconds = Number(headers['retry-after'] ?? 1)
  return Math.min(1000 * (Number.isFinite(seconds) ? seconds : 1), waitMsMax)
}
