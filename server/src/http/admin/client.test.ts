import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientReader, isLoopback } from './client.ts'

const requestFrom = (remoteAddress: string, headers: IncomingMessage['headers'] = {}) =>
  ({ socket: { remoteAddress }, headers }) as IncomingMessage

const clientOf = clientReader(['127.0.0.0/8', '::1', '10.1.0.0/16'])

test.each([
  ['198.51.100.7', {}, '198.51.100.7', false],
  ['::ffff:198.51.100.7', {}, '198.51.100.7', false],
  ['198.51.100.7', { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' }, '198.51.100.7', false],
  ['::1', {}, '::1', false],
  ['127.0.0.1', { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' }, '203.0.113.1', true],
  ['::ffff:127.0.0.1', { 'x-forwarded-for': 'spoofed, 203.0.113.1, 10.1.2.3' }, '203.0.113.1', false],
  ['10.1.9.9', { 'x-forwarded-for': '10.1.2.3' }, '10.1.2.3', false],
  ['127.0.0.1', { 'x-forwarded-proto': 'https, http' }, '127.0.0.1', false],
])('a request from %s with %j comes from %s', (peer, headers, address, https) => {
  expect(clientOf(requestFrom(peer, headers))).toEqual({ address, https })
})

test.each([
  ['localhost', true],
  ['localhost:8080', true],
  ['console.localhost:8080', true],
  ['127.0.0.1:8080', true],
  ['127.8.8.8', true],
  ['[::1]:8080', true],
  ['localhost.example', false],
  ['127.0.0.1.example', false],
  ['192.0.2.1:8080', false],
  ['', false],
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
