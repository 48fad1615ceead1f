/** Serves the console as it was built, compressed beforehand; from memory, so that no request waits for a disk. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import type { Client } from './admin/client.ts'
import { sayPage } from './admin/headers.ts'
import { send } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { Route } from './routes.ts'

interface ConsoleFile {
  readonly type: string
  /** By their `Content-Encoding`; `identity` is always there. */
  readonly bodies: ReadonlyMap<string, Buffer>
  readonly etag: string
  /** Its name changes with what it holds. */
  readonly lasting: boolean
}

type Files = ReadonlyMap<string, ConsoleFile>

export interface ConsoleParts {
  /** What the build leaves: `index.html`, `assets/…`, each with `.br` and `.gz` beside it; `stamp.txt` last. */
  readonly folder: string
  readonly clientOf: (request: IncomingMessage) => Client
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}
const encodings = { br: '.br', gzip: '.gz' } as const

export function consoleRoutes({ folder, clientOf }: ConsoleParts): readonly Route[] {
  let held: { readonly stamp: string; readonly files: Promise<Files> } | undefined
  /** A page looks whether it was built, or built anew, since the last one; what the page asks for comes from memory. */
  async function filesFor(name: string): Promise<Files | undefined> {
    if (held && name.startsWith('assets/')) return held.files
    const stamp = await readFile(join(folder, 'stamp.txt'), 'utf8').catch(() => undefined)
    if (stamp !== undefined && stamp !== held?.stamp) held = { stamp, files: filesIn(folder) }
    return held?.files
  }

  async function handle(exchange: Exchange): Promise<void> {
    sayPage(exchange.response, clientOf(exchange.request))
    const all = await filesFor(exchange.rest)
    if (!all) return sendNotBuilt(exchange)
    const asked = all.get(exchange.rest)
    // Pages are found by the script: whatever is not a file is the page.
    const file = asked ?? (extname(exchange.rest) === '' ? all.get('index.html') : undefined)
    if (!file) return send(exchange, 404, 'text/plain; charset=utf-8', 'There is no such file in the console.\n')
    sendFile(exchange, file)
  }

  return [
    { method: 'GET', paths: ['/console', '/console/', '/console/*'], handle },
    {
      method: 'GET',
      paths: ['/'],
      handle({ response }) {
        response.writeHead(303, { location: '/console/', 'content-length': 0 }).end()
      },
    },
  ]
}

async function filesIn(folder: string): Promise<Files> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)))
  return new Map(
    [...contents].flatMap(([path, body]) => {
      const type = types[extname(path)]
      if (type === undefined) return []
      const packed = Object.entries(encodings).flatMap(([encoding, ending]) => {
        const bytes = contents.get(path + ending)
        return bytes ? [[encoding, bytes] as const] : []
      })
      const name = relative(folder, path).replaceAll(sep, '/')
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      const bodies = new Map([...packed, ['identity', body] as const])
      return [[name, { type, bodies, etag, lasting: name.startsWith('assets/') }] as const]
    }),
  )
}

function sendFile({ request, response }: Exchange, { type, bodies, etag, lasting }: ConsoleFile): void {
  response.setHeader('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
  response.setHeader('vary', 'Accept-Encoding')
  response.setHeader('etag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  const taken = String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
  const encoding = [...bodies.keys()].find((name) => name === 'identity' || taken.includes(name)) ?? 'identity'
  const body = bodies.get(encoding) ?? Buffer.alloc(0)
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  })
  response.end(body)
}

function sendNotBuilt(exchange: Exchange): void {
  exchange.response.setHeader('cache-control', 'no-store')
  // Whoever waits for the build sees it when it is there.
  exchange.response.setHeader('refresh', '5')
  const text =
    'The console is being built, or was not built: `node console/build.ts` builds it.\n' +
    'The API is not concerned: keys are made with `npx tidegate keys create`.\n'
  send(exchange, 404, 'text/plain; charset=utf-8', text)
}
