import { createHmac, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { namespaces } from './namespace.ts'

const secret = createSecretKey(Buffer.alloc(32, 5))
const namespaceOf = namespaces(secret)
const key = { tenant: 'acme', keyId: 'key_1' }

test('C98: with a user it is the HMAC of owner, NUL and user under the server secret, 43 characters of base64url', () => {
  const expected = createHmac('sha256', secret).update('acme').update(Buffer.of(0)).update('u1').digest('base64url')
  expect(namespaceOf({ ...key, userId: 'u1' })).toBe(expected)
  expect(expected).toMatch(/^[A-Za-z0-9_-]{43}$/)
})

test('two callers share a namespace only when owner and user are the same, and without a user the key', () => {
  const all = [
    { ...key, userId: 'u1' },
    { ...key, userId: 'u2' },
    { ...key, tenant: 'other', userId: 'u1' },
    key,
    { ...key, keyId: 'key_2' },
    { ...key, tenant: 'other' },
    { ...key, userId: 'key_1' },
  ].map(namespaceOf)
  expect(new Set(all).size).toBe(all.length)
  expect(namespaceOf({ ...key, keyId: 'key_2', userId: 'u1' })).toBe(all[0])
})

test('no user id meets the namespace of a key without a user', () => {
  const own = namespaceOf(key)
  fc.assert(fc.property(fc.string(), (userId) => namespaceOf({ ...key, userId }) !== own))
})
