import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { createPasswords, makePassword, TooMany } from './passwords.ts'

const secret = createSecretKey(Buffer.alloc(32, 1))
const passwords = createPasswords(secret)

test('a password is known by a hash with a nonce of its own, and by nothing else', async () => {
  const one = await passwords.hash('correct horse')
  const other = await passwords.hash('correct horse')
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(other).not.toBe(one)
  expect(await passwords.matches('correct horse', one)).toBe(true)
  expect(await passwords.matches('correct horsf', one)).toBe(false)
  expect(await passwords.matches('', one)).toBe(false)
})

test('the same letters typed on another keyboard are the same password', async () => {
  const hash = await passwords.hash('caf\u00e9 au lait')
  expect(await passwords.matches('cafe\u0301 au lait', hash)).toBe(true)
})

test('a stolen hash is of no use without the secret of the server', async () => {
  const hash = await passwords.hash('correct horse')
  expect(await createPasswords(createSecretKey(Buffer.alloc(32, 2))).matches('correct horse', hash)).toBe(false)
})

test('nobody’s password is compared with as much work, and never right', async () => {
  expect(await passwords.matches('', undefined)).toBe(false)
  expect(await passwords.matches('correct horse', undefined)).toBe(false)
})

test('the event loop goes on meanwhile, and of a flood only so many wait', async () => {
  const hash = await passwords.hash('x')
  const flood = Array.from({ length: 20 }, () => passwords.matches('y', hash).catch((error: unknown) => error))
  let turns = 0
  const turning = setInterval(() => turns++, 1)
  const outcomes = await Promise.all(flood)
  clearInterval(turning)
  expect(turns).toBeGreaterThan(10)
  expect(outcomes.filter((outcome) => outcome instanceof TooMany)).toHaveLength(4)
  expect(await passwords.matches('x', hash)).toBe(true)
})

test('a password that is made up is long, and never the same', () => {
  const made = Array.from({ length: 50 }, makePassword)
  for (const password of made) expect(password).toMatch(/^[a-zA-Z2-9]{20}$/)
  expect(new Set(made).size).toBe(50)
})
