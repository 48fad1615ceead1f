import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultLimits } from '../completion/limits.ts'
import { Budget } from '../lib/budget.ts'
import { readJson } from './body.ts'
import type { Exchange } from './exchange.ts'

let turn = 0
const count = () => {
  turn++
  timer = setImmediate(count)
}
let timer: NodeJS.Immediate
beforeEach(count)
afterEach(() => {
  vi.restoreAllMocks()
  clearImmediate(timer)
})

/** @returns the turns of the event loop in which two bodies, which came together, were parsed, and in which they were there */
async function turnsOf(length: number) {
  const parse = JSON.parse
  const parsed: number[] = []
  vi.spyOn(JSON, 'parse').mockImplementation((text) => {
    parsed.push(turn)
    return parse(text)
  })
  const there = await Promise.all(
    [1, 2].map(async () => {
      const request = Object.assign(new PassThrough(), { headers: {} })
      const exchange = { request, response: new EventEmitter() } as unknown as Exchange
      const read = readJson(exchange, defaultLimits, new Budget(10 * length))
      request.end(JSON.stringify({ text: 'x'.repeat(length) }))
      expect(await read).toEqual({ text: 'x'.repeat(length) })
      return turn
    }),
  )
  return { parsed, there }
}

test('of large bodies each is parsed in a turn of its own, and what is done with it has another one', async () => {
  const { parsed, there } = await turnsOf(1_000_000)
  expect(parsed[1]).toBeGreaterThan(parsed[0] ?? NaN)
  expect(there[0]).toBeGreaterThan(parsed[0] ?? NaN)
  expect(there[1]).toBeGreaterThan(parsed[1] ?? NaN)
})

test('small ones wait for nobody', async () => {
  const { parsed, there } = await turnsOf(1_000)
  expect(there).toEqual(parsed)
})
