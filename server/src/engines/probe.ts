import { Agent, type Dispatcher, request } from 'undici'
import type { Credential } from './credential.ts'
import type { Probe } from './engine.ts'

/** Where a kind of server tells how it is, and how much it has to do. */
export interface HealthPaths {
  /** Asked with GET: under the server's root if it starts with a slash, else beside the chat API. Who does not know it is alive, too. */
  readonly path: string
  /** The names of the Prometheus metrics at `/metrics` that together count all requests there. */
  readonly load?: readonly string[]
}

const metricsBytesMax = 4 * 1024 * 1024

/** @param api where the chat API is, e.g. `http://10.0.0.5:8000/v1`  @param credential its key is sent along; never logged */
export function probeOf(
  { path, load }: HealthPaths,
  api: URL,
  credential?: Credential,
): Probe & { close(): Promise<void> } {
  const agent = new Agent({ connections: 2, pipelining: 1, allowH2: false })
  const get = (where: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const key = credential?.current()
    return request(placeOf(where, api), {
      dispatcher: agent,
      method: 'GET',
      headers: { 'user-agent': 'tidegate', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      signal,
    })
  }
  return {
    async health(signal) {
      try {
        const { statusCode, body } = await get(path, signal)
        await body.dump({ limit: 64 * 1024, signal }).catch(() => undefined)
        // 501: the server knows that it does not know.
        return statusCode >= 500 && statusCode !== 501 ? 'away' : 'alive'
      } catch {
        return signal.aborted ? 'silent' : 'away'
      }
    },
    ...(load && {
      async load(signal) {
        const { statusCode, body } = await get('/metrics', signal)
        if (statusCode === 200) return sumOf(load, await textOf(body))
        await body.dump({ limit: 64 * 1024, signal })
        return undefined
      },
    }),
    close: () => agent.destroy(),
  }
}

/** The version is part of the API's path, not of the server's root. */
function placeOf(path: string, api: URL): URL {
  const base = api.pathname.replace(/\/+$/, '')
  return new URL(path.startsWith('/') ? base.replace(/\/v1$/, '') + path : `${base}/${path}`, api)
}

async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > metricsBytesMax) throw new Error('Metrics without end.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** @returns the sum of these metrics over all their labels; undefined when there is none of them */
function sumOf(names: readonly string[], metrics: string): number | undefined {
  let sum: number | undefined
  for (const line of metrics.split('\n')) {
    const [, name = '', value] = /^([\w:]+)(?:\{.*\})?\s+([\d.eE+]+)/.exec(line) ?? []
    if (names.includes(name)) sum = (sum ?? 0) + Number(value)
  }
  return sum === undefined || Number.isNaN(sum) ? undefined : sum
}
