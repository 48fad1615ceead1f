import { ServeError } from '../completion/failure.ts'
import type { Key } from '../tenancy/key.ts'
import type { KeyedHandler, OpenHandler } from './exchange.ts'
import { getHealth, getLive, getMetrics, getReady, type Metrics } from './health.ts'
import { type ChatParts, postChatCompletions } from './openai/chat-completions.ts'
import { getModel, getModels } from './openai/models.ts'

export interface RouteParts extends ChatParts {
  /** @throws ServeError `unauthenticated`, which tells a missing key from a wrong one */
  readonly authenticate: (authorization: string | undefined) => Key | Promise<Key>
  readonly metrics?: Metrics
  readonly isStopping: () => boolean
}

export interface Route {
  readonly method: 'GET' | 'POST'
  /** A path may end in `*`, which stands for one or more characters. */
  readonly paths: readonly string[]
  readonly handle: OpenHandler
}

/** Everything that is served, on one screen. Other paths are 404, other methods 405 (contract C5). */
export function routesOf(parts: RouteParts): readonly Route[] {
  const { catalog } = parts

  const keyed =
    (handle: KeyedHandler): OpenHandler =>
    async (exchange) => {
      const key = await parts.authenticate(exchange.request.headers.authorization)
      exchange.notes.key = key.id
      if (parts.isStopping()) throw stopping()
      await handle(exchange, key)
    }

  return [
    {
      method: 'POST',
      paths: ['/v1/chat/completions', '/chat/completions', '/beta/chat/completions'],
      handle: keyed(postChatCompletions(parts)),
    },
    { method: 'GET', paths: ['/v1/models', '/models'], handle: keyed(getModels(catalog)) },
    { method: 'GET', paths: ['/v1/models/*', '/models/*'], handle: keyed(getModel(catalog)) },
    { method: 'GET', paths: ['/health'], handle: getHealth(catalog) },
    { method: 'GET', paths: ['/health/live'], handle: getLive },
    { method: 'GET', paths: ['/health/ready'], handle: getReady(catalog, parts.isStopping) },
    ...(parts.metrics ? [{ method: 'GET', paths: ['/metrics'], handle: getMetrics(parts.metrics) } as const] : []),
  ]
}

/** @returns the methods that a path knows, as the header `Allow` lists them; empty for a path that is not served */
export function allowedAt(routes: readonly Route[], url: string): readonly string[] {
  const path = pathOf(url)
  const known = routes.filter((route) => route.paths.some((pattern) => matches(pattern, path)))
  if (known.length === 0) return []
  return [...new Set(known.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))), 'OPTIONS']
}

/** As the router reads it: without what a proxy may write before it, percent-decoded; '' for what cannot be decoded. */
function pathOf(url: string): string {
  try {
    return decodeURI(url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, ''))
  } catch {
    return ''
  }
}

const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) && path.length >= pattern.length : path === pattern

const stopping = (): ServeError =>
  new ServeError({ code: 'engine-unavailable', message: 'The server is stopping. Retry after 5 seconds.' })
