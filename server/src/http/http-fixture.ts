/** What the tests of this folder share: a model, a key, scripted answers, and a server on a real socket. */

import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import { type CompletionEvent, isEnding } from '../completion/event.ts'
import { ServeError } from '../completion/failure.ts'
import { defaultLimits } from '../completion/limits.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, Serve } from '../completion/serve.ts'
import { createCatalog, type Model } from '../engines/catalog.ts'
import type { Key } from '../tenancy/key.ts'
import { createHttpServer, type HttpParts } from './server.ts'

export const testModel: Model = {
  id: 'deepseek-v4-flash',
  displayName: 'DeepSeek V4 Flash',
  aliases: [
    { name: 'deepseek-chat', thinking: false },
    { name: 'deepseek-reasoner', thinking: true },
  ],
  thinkingByDefault: true,
  canThink: true,
  canLogprobs: true,
  contextWindow: 1_048_576,
  maxOutput: 393_216,
  fingerprint: 'fp_3b1c9a77e0d2',
  replicas: [],
}

export const testKey: Key = { id: 'key_1', tenant: 'default', name: 'test', settings: {} }

export const usage = { promptTokens: 12, cachedTokens: 4, completionTokens: 11, reasoningTokens: 8 }
export const started: CompletionEvent = { type: 'started', promptTokens: 12, cachedTokens: 4 }
export const finished: CompletionEvent = { type: 'finished', reason: 'stop', matchedStop: null, usage }
export const failed = (code: 'engine-lost' | 'engine-unavailable' | 'invalid-output'): CompletionEvent => ({
  type: 'failed',
  failure: { code, message: `The test wants ${code}.` },
})
export const greeting: readonly CompletionEvent[] = [
  started,
  { type: 'reasoning', text: 'The user greets me.', tokens: 1 },
  { type: 'text', text: 'Hello!', tokens: 1 },
  finished,
]

/** @returns a serve that says the events and writes down what it was asked */
export function saying(
  events: readonly CompletionEvent[],
): Serve & { asked: { request: CompletionRequest; call: Call }[] } {
  const asked: { request: CompletionRequest; call: Call }[] = []
  const serve: Serve = async (request, call, tell) => {
    asked.push({ request, call })
    for (const event of events) {
      if (isEnding(event)) return event
      tell(event)
    }
    throw new Error('These events have no end.')
  }
  return Object.assign(serve, { asked })
}

/** The key `sk-good` is valid. */
function authenticate(authorization: string | undefined): Key {
  if (/^bearer +sk-good$/i.test(authorization ?? '')) return testKey
  const message = authorization === undefined ? 'No token provided' : 'Authentication Fails'
  throw new ServeError({ code: 'unauthenticated', message })
}

export interface TestServer {
  readonly port: number
  /** Everything that was logged, as one text. */
  readonly logged: () => string
  readonly close: () => Promise<void>
}

interface Overrides extends Partial<Omit<HttpParts, 'limits' | 'catalog'>> {
  readonly limits?: Partial<HttpParts['limits']>
  readonly model?: Partial<Model>
}

/** A server on a free port, closed when the test ends. */
export async function startTestServer({ limits, model, ...parts }: Overrides = {}): Promise<TestServer> {
  const lines: unknown[] = []
  const log = (...line: unknown[]) => void lines.push(line)
  const server = createHttpServer({
    catalog: createCatalog([{ ...testModel, ...model }]),
    serve: saying(greeting),
    once: async ({ signal }, head, run) => ({
      head,
      answer: (tell) => run(signal, tell, () => ({ lookup: new Uint8Array(), sealed: new Uint8Array() })),
      replayed: false,
    }),
    accounts: {
      balanceOf: async () => ({ currency: 'USD', balance: 0n, held: 0n, prepaid: false }),
    },
    reads: { ask: () => Promise.reject(new Error('Nothing is read here.')) },
    databaseIsWell: () => true,
    requestLog: () => undefined,
    authenticate,
    namespaceOf: (key, userId) => `${key.tenant}/${userId ?? ''}`,
    limits: { ...defaultLimits, ...limits },
    leaveMs: 0,
    drainMs: 0,
    log: { info: log, debug: log, error: log },
    ...parts,
  })
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(server.close)
  return { port, logged: () => JSON.stringify(lines), close: server.close }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** When each piece arrived, in milliseconds since the request. */
  readonly arrivals: readonly number[]
  /** The connection broke before the answer's proper end. */
  readonly broken: boolean
}

interface Ask {
  readonly method?: string
  readonly path?: string
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string | undefined }
}

export const hello = { model: 'deepseek-v4-flash', messages: [{ role: 'user', content: 'Hello!' }] }

/** A body that is neither text nor bytes is sent as JSON; a header that is undefined is not sent. */
export function ask(
  { port }: { readonly port: number },
  { method = 'POST', path, body, headers }: Ask = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = { authorization: 'Bearer sk-good', 'content-type': 'application/json', ...headers }
  const start = performance.now()
  const request = httpRequest(
    {
      port,
      method,
      path: path ?? '/v1/chat/completions',
      agent: false,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
    },
    (response) => {
      const pieces: Buffer[] = []
      const arrivals: number[] = []
      const settle = (broken: boolean) => {
        const text = Buffer.concat(pieces).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, arrivals, broken })
      }
      response.on('data', (piece: Buffer) => {
        pieces.push(piece)
        arrivals.push(performance.now() - start)
      })
      response.on('end', () => settle(false)).on('error', () => settle(true))
    },
  )
  request.on('error', reject)
  request.end(
    typeof body === 'string' || body instanceof Buffer ? body : body === undefined ? '' : JSON.stringify(body),
  )
  return promise
}

export const chat = (server: TestServer, fields: object = {}): Promise<Answer> =>
  ask(server, { body: { ...hello, ...fields } })

/** Bytes on a bare socket. @returns all that came back until the server closed the connection */
export function speak({ port }: { readonly port: number }, ...words: readonly (string | Buffer)[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('data', (piece) => {
    heard += piece.toString()
  })
  socket.on('error', () => undefined).on('close', () => resolve(heard))
  for (const word of words) socket.write(word)
  return promise
}

/** @returns the data lines of a stream, parsed; comments and `[DONE]` left out */
export function chunksOf(text: string): Chunk[] {
  const data = text.split('\n').filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
  return data.map((line) => JSON.parse(line.slice('data: '.length)))
}

export interface Chunk {
  readonly [key: string]: unknown
  readonly choices: readonly {
    readonly delta: { readonly [key: string]: unknown }
    readonly logprobs?: { readonly content: readonly unknown[]; readonly reasoning_content?: readonly unknown[] }
    readonly finish_reason: string | null
    readonly matched_stop?: string | null
  }[]
  readonly usage?: unknown
}
