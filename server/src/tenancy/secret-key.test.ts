import { expect, test } from 'vitest'
import { ServeError } from '../completion/failure.ts'
import { bearerToken, displayOf, invalidKey, makeSecretKey } from './secret-key.ts'

const messageOf = (authorization: string | undefined) => {
  try {
    return `token ${bearerToken(authorization)}`
  } catch (error) {
    if (error instanceof ServeError && error.failure.code === 'unauthenticated') return error.message
    throw error
  }
}

test('a new key is sk- and 48 letters and digits, and never the same', () => {
  const keys = Array.from({ length: 50 }, () => makeSecretKey())
  for (const key of keys) expect(key).toMatch(/^sk-[A-Za-z0-9]{48}$/)
  expect(new Set(keys).size).toBe(50)
})

test.each([
  ['Bearer abc', 'token abc'],
  ['bearer abc', 'token abc'],
  ['BEARER   abc  ', 'token abc'],
  [undefined, 'No token provided'],
  ['', 'No token provided'],
  ['Bearer', 'No token provided'],
  ['Bearer   ', 'No token provided'],
  ['Basic abc', "The Authorization header must be 'Bearer' and an API key."],
  ['abc', "The Authorization header must be 'Bearer' and an API key."],
  ['Bearer a b', 'Authentication Fails, Your api key: **** is invalid'],
  ['Bearer ключ-которого-нет', 'Authentication Fails, Your api key: **** is invalid'],
  [`Bearer ${'x'.repeat(600)}`, 'Authentication Fails, Your api key: **** is invalid'],
])('T2: the header %j is read as: %s', (header, expected) => {
  expect(messageOf(header)).toBe(expected)
})

test('T3: at most the last four characters of a key are told, and of a short one none', () => {
  expect(invalidKey('sk-0123456789abcdef0123456789abcdef9f3c').message).toBe(
    'Authentication Fails, Your api key: ****9f3c is invalid',
  )
  expect(invalidKey('hunter2').message).toBe('Authentication Fails, Your api key: **** is invalid')
})

test('the list shows the ends of a long key, and less of one that is easy to guess', () => {
  expect(displayOf('sk-AbCdEfGhIjKlMnOpQrStUvWx')).toEqual({ prefix: 'sk-AbCd', lastFour: 'UvWx' })
  expect(displayOf('twelve-chars')).toEqual({ prefix: '', lastFour: 'hars' })
  expect(displayOf('short')).toEqual({ prefix: '', lastFour: '' })
})
