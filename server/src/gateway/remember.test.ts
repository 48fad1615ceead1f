import { expect, test } from 'vitest'
import { callOf, failing, finished, requestOf, telling, text, told } from '../../test/replicas.ts'
import type { CompletionEvent } from '../completion/event.ts'
import type { Message } from '../completion/request.ts'
import type { ReasoningMemory } from '../tenancy/reasoning-memory.ts'
import { remember } from './remember.ts'

const calling: CompletionEvent[] = [
  { type: 'reasoning', text: 'I need ', tokens: 1 },
  { type: 'reasoning', text: 'the weather.', tokens: 1 },
  { type: 'tool-call', index: 0, call: { id: 'call_1', name: 'get_weather', arguments: '{}' }, tokens: 1 },
  { type: 'tool-call', index: 1, call: { id: 'call_2', name: 'get_weather', arguments: '{}' }, tokens: 1 },
  finished,
]

const throwing = (error: unknown) => {
  throw error
}

async function run(events: readonly CompletionEvent[]) {
  const kept: unknown[] = []
  let seen: readonly Message[] = []
  const memory: ReasoningMemory = {
    remember: async (_, callId, reasoning) => void kept.push([callId, reasoning]),
    restore: async () => [{ role: 'user', content: 'restored' }],
  }
  const serve = remember(
    memory,
    throwing,
  )(
    telling(async function* (request) {
      seen = request.messages
      yield* events
    }),
  )
  await told(serve, requestOf(), callOf())
  return { kept, seen }
}

test('T58: the reasoning of a turn that ends in calls is kept under its first call, and history is restored', async () => {
  expect(await run(calling)).toEqual({
    kept: [['call_1', 'I need the weather.']],
    seen: [{ role: 'user', content: 'restored' }],
  })
})

test('a turn without calls, and one that failed, is not kept', async () => {
  expect((await run([{ type: 'reasoning', text: 'a', tokens: 1 }, text('b'), finished])).kept).toEqual([])
  expect((await run([...calling.slice(0, -1), failing('engine-lost')])).kept).toEqual([])
})

test('a memory that fails costs nobody an answer, and is heard of', async () => {
  const fail = () => Promise.reject(new Error('disk full'))
  const heard: unknown[] = []
  const serve = remember({ remember: fail, restore: fail }, (_, callId) => heard.push(callId))(
    telling(async function* (request) {
      expect(request.messages).toEqual(requestOf().messages)
      yield* calling
    }),
  )
  expect(await told(serve, requestOf(), callOf())).toEqual(calling)
  expect(heard).toEqual(['req_1', 'req_1'])
})
