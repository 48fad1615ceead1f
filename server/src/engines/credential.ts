import { readFileSync } from 'node:fs'

/** The key for one remote engine. It goes into the header of requests to that engine, and nowhere else. */
export interface Credential {
  /** Undefined where the engine asks for none. */
  current(): string | undefined
  /** The engine refused the key. @returns whether there is another one now */
  renew(): boolean
}

/**
 * @param from the key itself, or the file that holds it; a file is read now, and again whenever its key is refused, so that a key can
 * be exchanged without a restart
 * @throws Error for a file that cannot be read or holds no key; never with a word of what it holds
 */
export function openCredential(from: { readonly apiKey?: string; readonly apiKeyFile?: string }): Credential {
  const { apiKeyFile } = from
  if (apiKeyFile === undefined) return { current: () => from.apiKey, renew: () => false }
  let key = keyIn(apiKeyFile)
  return {
    current: () => key,
    renew() {
      const before = key
      try {
        key = keyIn(apiKeyFile)
      } catch {
        // It may be in the middle of being written: the old key stays.
      }
      return key !== before
    },
  }
}

function keyIn(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new Error(`The key file '${path}' cannot be read${code}.`)
  }
  const key = text.replace(/[\r\n]+$/, '')
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Error(`The key file '${path}' must hold one line, a key without spaces.`)
  return key
}
