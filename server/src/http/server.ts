import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { BaseLogger } from 'pino'
import { ServeError } from '../completion/failure.ts'
import { Budget } from '../lib/budget.ts'
import { defectOf } from '../lib/defect.ts'
import { timedId } from '../lib/ids.ts'
import { Roster } from '../lib/roster.ts'
import { answerClientError } from './client-error.ts'
import { sayCors } from './cors.ts'
import type { Exchange, OpenHandler } from './exchange.ts'
import { sendFailure } from './openai/errors.ts'
import { allowedAt, type RouteParts, routesOf } from './routes.ts'

export interface HttpParts extends Omit<RouteParts, 'isStopping' | 'isLeaving' | 'bodies'> {
  readonly log: Pick<BaseLogger, 'info' | 'debug' | 'error'>
  /** How long requests are still taken after `close` was called, for whoever routes to us to notice. */
  readonly leaveMs: number
  /** How long open answers may go on after that. */
  readonly drainMs: number
  /** Origins whose pages may call from a browser; none by default. */
  readonly corsOrigins?: readonly string[]
}

export interface HttpServer {
  /** @returns where it listens: port 0 has become a real one */
  listen(at: { readonly host: string; readonly port: number }): Promise<{ readonly url: string; readonly port: number }>
  /** Takes requests for `leaveMs` more, lets open answers finish for `drainMs`, then ends them. May be called again. */
  close(): Promise<void>
}

/** So many bodies of the largest size may be in memory together; each costs a multiple of itself until its answer is over. */
const bodiesAtOnce = 4
/** Clients that connect at the same moment, beyond which the system lets them wait for a second; it may allow fewer. */
const backlog = 4_096
/** How long aborted answers have to say goodbye before their connections are cut. */
const goodbyeMs = 1_000

export function createHttpServer(parts: HttpParts): HttpServer {
  let leaving = false
  let stopping = false
  const open = new Roster<AbortController>()
  const connections = new Roster<Connection>()
  const connectionOf = new WeakMap<Socket, Connection>()
  const bodies = new Budget(bodiesAtOnce * parts.limits.maxBodyBytes)
  const routes = routesOf({ ...parts, bodies, isStopping: () => stopping, isLeaving: () => leaving })

  const app = fastify({
    genReqId: () => timedId('req_'),
    requestIdHeader: false,
    return503OnClosing: false,
    // A `user_id` in the path of an admin operation may have 512.
    routerOptions: { maxParamLength: 512 },
    keepAliveTimeout: 72_000,
    // A body has a clock of its own in `body.ts`; Node's is for requests that never get so far, and for bodies nobody reads.
    requestTimeout: 2 * parts.limits.bodyMs,
    http: {
      headersTimeout: parts.limits.bodyMs,
      connectionsCheckingInterval: Math.min(5_000, parts.limits.bodyMs),
      requireHostHeader: false,
      noDelay: true,
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, connectionOf.get(socket)?.answer),
    frameworkErrors: (_error, request, reply) => void answer(notFound, request, reply),
  })
  app.server.on('connection', (socket) => {
    const connection = { socket }
    const place = connections.enter(connection)
    connectionOf.set(socket, connection)
    socket.once('close', () => connections.leave(place))
  })
  // An expectation is met or not by what the handler finds; see `body.ts`.
  for (const event of ['checkContinue', 'checkExpectation']) app.server.on(event, app.routing)

  for (const { method, paths, handle } of routes)
    for (const url of paths)
      app.route({ method, url: url.replaceAll(/\{(\w+)\}/g, ':$1'), config: { handle }, handler: () => undefined })

  // Fastify finds the route. From there the answer is ours: its body parsing comes with its own order of checks and its own errors.
  app.addHook('onRequest', (request, reply) => {
    void answer(request.is404 ? notFound : handlerOf(request), request, reply)
  })

  function notFound(exchange: Exchange): void {
    const { method = '', url = '' } = exchange.request
    const allowed = allowedAt(routes, url)
    if (allowed.length === 0)
      sendFailure(exchange, { code: 'unknown-url', message: `Unknown URL: ${method} ${shortened(url)}` })
    else if (method === 'OPTIONS') exchange.response.writeHead(204, { allow: allowed.join(', ') }).end()
    else {
      const message = `Method ${method} is not allowed here. Use ${allowed[0]}.`
      sendFailure(exchange, { code: 'method-not-allowed', message }, { allow: allowed.join(', ') })
    }
  }

  async function answer(handle: OpenHandler, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack()
    const gone = new AbortController()
    const exchange = exchangeOf(request, reply, gone.signal)
    const { response } = exchange
    const startedAt = performance.now()
    response.setHeader('x-request-id', exchange.id)
    sayCors(parts.corsOrigins ?? [], request.raw, response)
    if (leaving) response.shouldKeepAlive = false
    const connection = connectionOf.get(request.raw.socket)
    if (connection) connection.answer = response
    const place = open.enter(gone)
    // Writing to a connection that has just gone is no event; 'close' follows.
    response.on('error', () => undefined)
    response.once('close', () => {
      open.leave(place)
      // A connection that is kept open does not keep all of its last answer; but behind one that came early the request is still to be read.
      if (connection?.answer === response && request.raw.complete) connection.answer = undefined
      if (!response.writableFinished) gone.abort()
      exchange.release?.()
      logAccess(exchange, request.routeOptions.url, startedAt)
      if (stopping) setImmediate(closeUnused)
    })
    try {
      await handle(exchange)
    } catch (error) {
      answerError(exchange, error)
    }
  }

  function answerError(exchange: Exchange, error: unknown): void {
    if (!(error instanceof ServeError)) {
      exchange.notes.failure = 'internal'
      parts.log.error({ request: exchange.id, defect: defectOf(error) }, 'a request met a defect')
    }
    if (exchange.response.headersSent) exchange.response.destroy()
    else sendFailure(exchange, error instanceof ServeError ? error.failure : { code: 'internal', message: '' })
  }

  /** One line a request, that of its completion included. 499 stands for a client that left; it is never sent (contract C8). */
  function logAccess(
    { id, request, response, notes, completed }: Exchange,
    route: string | undefined,
    startedAt: number,
  ): void {
    const left = !response.writableFinished && (notes.failure === undefined || notes.failure === 'cancelled')
    const line = {
      request: id,
      method: request.method,
      route: route ?? 'unknown',
      status: left ? 499 : response.statusCode,
      ms: Math.round(performance.now() - startedAt),
      ...notes,
    }
    const isRoutine = line.status === 200 && notes.failure === undefined && (request.method === 'GET' || completed)
    if (isRoutine) parts.log.debug(line, 'request')
    else parts.log.info(line, 'request')
  }

  /** Ends connections on which nothing is being answered: kept alive, silent from the start, or in the middle of a head. */
  function closeUnused(): void {
    for (const { socket, answer } of connections) if (answer?.closed ?? true) socket.destroy()
  }

  let closed: Promise<void> | undefined
  async function close(): Promise<void> {
    leaving = true
    if (parts.leaveMs > 0) await new Promise((resolve) => setTimeout(resolve, parts.leaveMs))
    stopping = true
    closeUnused()
    const abortAll = setTimeout(() => {
      for (const gone of open) gone.abort()
    }, parts.drainMs)
    const cutAll = setTimeout(() => app.server.closeAllConnections(), parts.drainMs + goodbyeMs)
    await app.close()
    clearTimeout(abortAll)
    clearTimeout(cutAll)
  }

  return {
    async listen(at) {
      const url = await app.listen({ ...at, backlog })
      const address = app.server.address()
      return { url, port: typeof address === 'object' && address ? address.port : at.port }
    },
    close: () => (closed ??= close()),
  }
}

/** A client's, and the latest answer on it as long as that matters. */
interface Connection {
  readonly socket: Socket
  answer?: ServerResponse | undefined
}

const handlerOf = (request: FastifyRequest): OpenHandler => request.routeOptions.config.handle

function exchangeOf(request: FastifyRequest, reply: FastifyReply, gone: AbortSignal): Exchange {
  // Null where the path cannot be decoded.
  const { '*': rest = '', ...params } = (request.params ?? {}) as Readonly<Record<string, string>>
  return { id: request.id, request: request.raw, response: reply.raw, gone, rest, params, notes: {} }
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)

declare module 'fastify' {
  interface FastifyContextConfig {
    handle: OpenHandler
  }
}
