/** What was said, sealed: only kept where the operator has switched recording on. */
import type { KeyObject } from 'node:crypto'
import { seal, unseal } from '../storage/sealing.ts'
import { subkey } from '../storage/secret.ts'
import type { Recording } from './entry.ts'

export interface Recordings {
  seal(id: string, said: Recording): Uint8Array
  /** @returns undefined for what was tampered with */
  unseal(id: string, sealed: Uint8Array): Recording | undefined
}

export function recordingsOf(secret: KeyObject): Recordings {
  const key = subkey(secret, 'recordings')
  return {
    seal: (id, said) => seal(key, Buffer.from(id), JSON.stringify(said)),
    unseal(id, sealed) {
      const text = unseal(key, Buffer.from(id), sealed)
      return text === undefined ? undefined : (JSON.parse(text) as Recording)
    },
  }
}
