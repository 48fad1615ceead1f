import { expect, test } from 'vitest'
import { createBackOff } from './back-off.ts'

test('an upstream that failed is left alone for as long as it says, or for a moment', () => {
  let now = 0
  const backOff = createBackOff(() => now)
  const readyAfter = (ms: number) => {
    now += ms
    return backOff.ready()
  }
  expect(backOff.ready()).toBe(true)
  backOff.heard({ code: 'engine-unavailable', message: '', elsewhere: true, retryAfterSeconds: 7 })
  expect([backOff.ready(), readyAfter(6_999), readyAfter(1)]).toEqual([false, false, true])
  backOff.heard({ code: 'engine-timeout', message: '', retryAfterSeconds: 5 })
  expect([backOff.ready(), readyAfter(999), readyAfter(1)]).toEqual([false, false, true])
})

test('what the client caused, and what passes by itself, keeps nobody away', () => {
  const backOff = createBackOff()
  for (const code of ['context-too-long', 'engine-protocol', 'invalid-output', 'cancelled'] as const)
    backOff.heard({ code, message: '' })
  expect(backOff.ready()).toBe(true)
})
