/** The part of Hugging Face's protocol that finds GGUF files: the listing of a repository, and the address of a file. */
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { type GetResponse, get, Interrupted, reasonOf } from '../lib/http-get.ts'
import { OperatorError } from '../lib/operator-error.ts'

export interface Hub {
  /** Without a trailing slash. */
  readonly endpoint: string
  /** Sent to the endpoint and to no other host. */
  readonly authorization?: string
  readonly dispatcher?: Dispatcher
}

export interface HubFile {
  /** Inside the repository, with `/`. */
  readonly path: string
  readonly bytes: number
  /** Absent for small files that the hub keeps in git itself. */
  readonly sha256?: string
}

const listing = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.int().min(0),
    lfs: z.object({ oid: z.string(), size: z.int().min(0) }).optional(),
  }),
)

/** A repository with more pages than that is none of models. */
const pagesMax = 50
const pageBytesMax = 16 * 1024 * 1024

/** @param repository `OWNER/NAME`  @throws OperatorError, Interrupted */
export async function listFiles(hub: Hub, repository: string): Promise<HubFile[]> {
  const files: HubFile[] = []
  let url: string | undefined = `${hub.endpoint}/api/models/${repository}/tree/main?recursive=true`
  for (let page = 0; url !== undefined && page < pagesMax; page++) {
    const response = await get(url, hub)
    if (response.status !== 200) {
      response.body.destroy()
      throw refusal(response.status, repository, hub)
    }
    const entries = listing.safeParse(await readJson(response))
    if (!entries.success) throw new OperatorError(`${hub.endpoint} does not list files as Hugging Face's hub does.`)
    for (const { type, path, size, lfs } of entries.data)
      if (type === 'file') {
        const sha256 = /^(?:sha256:)?([0-9a-f]{64})$/.exec(lfs?.oid ?? '')?.[1]
        files.push({ path, bytes: lfs?.size ?? size, ...(sha256 && { sha256 }) })
      }
    url = nextPage(response, url)
  }
  return files
}

export const addressOf = (hub: Hub, repository: string, path: string): string =>
  `${hub.endpoint}/${repository}/resolve/main/${path.split('/').map(encodeURIComponent).join('/')}`

/** What a status of the hub means to a person. The hub says 401 also for a repository that is not there. */
export function refusal(status: number, what: string, hub: Hub): OperatorError {
  if (status === 404) return new OperatorError(`${what} is not on ${hub.endpoint}.`)
  if (status === 401 || status === 403)
    return new OperatorError(
      `${hub.endpoint} refuses ${what} (status ${status}): it is not there, or it is private or gated. ` +
        (hub.authorization
          ? 'Accept its terms on its page, or use an HF_TOKEN that may read it.'
          : 'If it is, accept its terms on its page and set HF_TOKEN to a token that may read it.'),
    )
  return new OperatorError(`${hub.endpoint} answered with status ${status} for ${what}.`)
}

/** The next page must be of the same hub: the credential goes there. */
function nextPage({ headers }: GetResponse, from: string): string | undefined {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers.link ?? ''))?.[1]
  const url = target === undefined ? null : URL.parse(target, from)
  return url && url.origin === new URL(from).origin ? url.href : undefined
}

/** @returns undefined for what is not JSON, or too long  @throws Interrupted */
async function readJson({ body }: GetResponse): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      bytes += piece.length
      if (bytes > pageBytesMax) return undefined
      pieces.push(piece)
    }
  } catch (error) {
    throw new Interrupted(`The connection was cut: ${reasonOf(error)}.`, { cause: error })
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    return undefined
  }
}
