import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { EnvHttpProxyAgent } from 'undici'
import { download, RefusedDownload } from '../lib/download.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { Interrupted } from '../lib/http-get.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { chooseGguf } from './choose-gguf.ts'
import type { Command, Terminal } from './command.ts'
import { addressOf, type Hub, type HubFile, listFiles, refusal } from './hub.ts'
import { showProgress } from './progress.ts'

export const pull: Command = {
  summary: 'Fetch a GGUF model from a hub that speaks Hugging Face’s protocol.',
  usage: `Usage: tidegate pull hf:OWNER/REPO[:FILE] [--to DIR]   prints the path of the file

  FILE        a file of the repository, or a quantisation such as Q8_0 (default: the only GGUF, or Q4_K_M)
  --to DIR    where the file goes (default ./models)

HF_TOKEN is sent to the hub, and nowhere else, for models that are private or gated. HF_ENDPOINT is the hub's address
(default https://huggingface.co). An interrupted download goes on where it stopped; its SHA-256 is checked at the end.`,

  async run(argv, terminal) {
    const { values, positionals } = parseFlags(argv, { to: { type: 'string' } }, 1)
    const { repository, wanted } = parseReference(positionals[0])
    const folder = resolve(terminal.cwd, values.to ?? 'models')
    const hub = hubOf(terminal)
    try {
      const parts = chooseGguf(await listFiles(hub, repository), wanted)
      for (const part of parts) await fetchPart(hub, repository, part, folder, terminal)
      const first = parts[0]
      if (!first) return
      const path = shown(targetOf(first, folder), terminal)
      terminal.print(path)
      terminal.tell(`Serve it with: npm start -- --model ${path}`)
    } catch (error) {
      const ofTheMachine = error instanceof Error && 'syscall' in error // a full disk, a folder that may not be written
      if (error instanceof Interrupted || ofTheMachine) throw new OperatorError(error.message, { cause: error })
      throw error
    } finally {
      await hub.dispatcher.destroy()
    }
  },
}

const namePart = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/

/** @throws UsageError for what is no reference, and for names that try to leave their place */
export function parseReference(text: string | undefined): { repository: string; wanted: string | undefined } {
  const [, owner = '', name = '', wanted] = /^hf:([^/:]+)\/([^/:]+)(?::(.+))?$/.exec(text ?? '') ?? []
  if (![owner, name].every((part) => namePart.test(part) && !part.includes('..')))
    throw new UsageError(
      `A model is named hf:OWNER/REPO or hf:OWNER/REPO:FILE${text === undefined ? '' : `, not '${text}'`}.`,
    )
  if (wanted !== undefined) checkPath(wanted)
  return { repository: `${owner}/${name}`, wanted }
}

function checkPath(path: string): void {
  const plain = path.split('/').every((part) => /^[^\\:\p{Cc}]+$/u.test(part) && !/^\.+$/.test(part))
  if (!plain) throw new UsageError(`'${path}' is not the path of a file in a repository.`)
}

function hubOf({ env }: Terminal): Hub & { dispatcher: EnvHttpProxyAgent } {
  const endpoint = (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '')
  const url = URL.parse(endpoint)
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`HF_ENDPOINT is no web address: ${endpoint}`)
  const token = env.HF_TOKEN?.trim()
  return { endpoint, dispatcher: new EnvHttpProxyAgent(), ...(token && { authorization: `Bearer ${token}` }) }
}

/** The hub chooses the path: only its last part is used, and only if it is a plain name. */
function targetOf(part: HubFile, folder: string): string {
  checkPath(part.path)
  return join(folder, part.path.split('/').at(-1) ?? '')
}

async function fetchPart(hub: Hub, repository: string, part: HubFile, folder: string, terminal: Terminal) {
  const to = targetOf(part, folder)
  const path = shown(to, terminal)
  if (existsSync(to)) {
    if (part.sha256 !== undefined && (await sha256Of(to)) === part.sha256)
      return terminal.tell(`${path} is already there, and whole.`)
    throw new OperatorError(`There is another file at ${path}. Move it away, or choose a folder with --to DIR.`)
  }
  try {
    const { verified, resumedAt } = await download({
      ...hub,
      url: addressOf(hub, repository, part.path),
      to,
      bytes: part.bytes,
      ...(part.sha256 && { sha256: part.sha256 }),
      onProgress: showProgress(terminal, part.path),
    })
    const checked = verified ? 'Its SHA-256 is right.' : 'The hub names no SHA-256, so it could not be checked.'
    terminal.tell(`${path} is there${resumedAt > 0 ? ` (resumed at byte ${resumedAt})` : ''}. ${checked}`)
  } catch (error) {
    if (error instanceof RefusedDownload) throw refusal(error.status, `${repository}:${part.path}`, hub)
    throw error
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const shown = (path: string, { cwd }: Terminal): string => {
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : `./${short}`
}
