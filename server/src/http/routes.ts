import { ServeError } from '../completion/failure.ts'
import type { Accounts } from '../ledger/accounts.ts'
import type { Key } from '../tenancy/key.ts'
import { type AdminParts, adminRoutes } from './admin/routes.ts'
import { type ConsoleParts, consoleRoutes } from './console-files.ts'
import type { KeyedHandler, OpenHandler } from './exchange.ts'
import { getHealth, getLive, getMetrics, getReady, type Metrics } from './health.ts'
import { type ChatParts, postChatCompletions } from './openai/chat-completions.ts'
import { getModel, getModels } from './openai/models.ts'
import { getBalance, getUsage } from './openai/usage.ts'
import type { Reads } from './reads.ts'

export interface RouteParts extends ChatParts {
  readonly accounts: Pick<Accounts, 'balanceOf'>
  readonly reads: Pick<Reads, 'ask'>
  /** @throws ServeError `unauthenticated`, which tells a missing key from a wrong one */
  readonly authenticate: (authorization: string | undefined) => Key | Promise<Key>
  readonly metrics?: Metrics
  /** What the admin API stands on; without it there is none. */
  readonly admin?: Omit<AdminParts, 'limits' | 'bodies' | 'catalog' | 'chat' | 'reads'>
  /** Where the console was built; without it there is none. */
  readonly console?: ConsoleParts
  readonly isStopping: () => boolean
  /** Whoever routes to us is to look for another, although requests are still taken. */
  readonly isLeaving: () => boolean
  /** Nothing may be served on a database that cannot be written. */
  readonly databaseIsWell: () => boolean
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** A path may end in `*`, which stands for one or more characters; `{name}` stands for a step. */
  readonly paths: readonly string[]
  readonly handle: OpenHandler
}

/** Everything that is served, on one screen. Other paths are 404, other methods 405 (contract C5). */
export function routesOf(parts: RouteParts): readonly Route[] {
  const { catalog, accounts, reads } = parts

  const keyed =
    (handle: KeyedHandler): OpenHandler =>
    async (exchange) => {
      const key = await parts.authenticate(exchange.request.headers.authorization)
      exchange.notes.key = key.id
      if (parts.isStopping()) throw stopping()
      await handle(exchange, key)
    }

  const chat = postChatCompletions(parts)
  return [
    {
      method: 'POST',
      paths: ['/v1/chat/completions', '/chat/completions', '/beta/chat/completions'],
      handle: keyed(chat),
    },
    { method: 'GET', paths: ['/v1/models', '/models'], handle: keyed(getModels(catalog)) },
    { method: 'GET', paths: ['/v1/models/*', '/models/*'], handle: keyed(getModel(catalog)) },
    { method: 'GET', paths: ['/v1/usage'], handle: keyed(getUsage(reads)) },
    { method: 'GET', paths: ['/user/balance', '/v1/user/balance'], handle: keyed(getBalance(accounts)) },
    { method: 'GET', paths: ['/health'], handle: getHealth(catalog) },
    { method: 'GET', paths: ['/health/live'], handle: getLive },
    {
      method: 'GET',
      paths: ['/health/ready'],
      handle: getReady(catalog, parts.isLeaving, parts.databaseIsWell),
    },
    ...(parts.metrics ? [{ method: 'GET', paths: ['/metrics'], handle: getMetrics(parts.metrics) } as const] : []),
    ...(parts.console ? consoleRoutes(parts.console) : []),
    ...(parts.admin ? adminRoutes({ ...parts, ...parts.admin, chat }) : []),
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

function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith('*')) return path.startsWith(pattern.slice(0, -1)) && path.length >= pattern.length
  const steps = path.split('/')
  const wanted = pattern.split('/')
  return (
    steps.length === wanted.length &&
    wanted.every((step, i) => (step.startsWith('{') ? steps[i] !== '' : step === steps[i]))
  )
}

const stopping = (): ServeError =>
  new ServeError({ code: 'engine-unavailable', message: 'The server is stopping. Retry after 5 seconds.' })
