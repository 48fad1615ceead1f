/** Namespaces (contract C98): what separates the KV caches, queues and states of end users from one another. */
import { createHmac, type KeyObject } from 'node:crypto'
import { createLru } from '../lib/lru.ts'
import { subkey } from '../storage/secret.ts'

/** Of the latest users, and of the latest keys: making one anew costs more than the rest of a request's look-ups. */
const namespacesKept = 10_000

export interface Caller {
  /** The owner of the key. Never contains a NUL. */
  readonly tenant: string
  readonly keyId: string
  readonly userId?: string
}

/**
 * @returns a function that gives 43 characters of base64url. With a user it is exactly C98's
 * `HMAC-SHA256(server secret, owner id, 0x00, user_id)`. Without one it is made of owner and key under a subkey of the secret,
 * so that no `user_id` whatsoever can be chosen to meet it.
 */
export function namespaces(secret: KeyObject): (caller: Caller) => string {
  const withoutUser = subkey(secret, 'namespace of a key')
  const users = createLru<string>(namespacesKept)
  const keys = createLru<string>(namespacesKept)
  return ({ tenant, keyId, userId }) => {
    const name = `${tenant}\0${userId ?? keyId}`
    const kept = userId === undefined ? keys : users
    const known = kept.get(name)
    if (known !== undefined) return known
    const namespace = createHmac('sha256', userId === undefined ? withoutUser : secret)
      .update(name)
      .digest('base64url')
    kept.set(name, namespace)
    return namespace
  }
}
