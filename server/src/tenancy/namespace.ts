/** Namespaces (contract C98): what separates the KV caches, queues and states of end users from one another. */
import { createHmac, type KeyObject } from 'node:crypto'
import { subkey } from '../storage/secret.ts'

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
  return ({ tenant, keyId, userId }) =>
    createHmac('sha256', userId === undefined ? withoutUser : secret)
      .update(`${tenant}\0${userId ?? keyId}`)
      .digest('base64url')
}
