import { expect, test } from 'vitest'
import { callOf, finished, requestOf } from '../../test/replicas.ts'
import { admit } from './admit.ts'

test('T14: a key that may run one request at once is refused the second, and served again when the first has ended', async () => {
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const serve = admit()(async function* () {
    await gate
    yield finished
  })
  const one = callOf({ concurrency: 1 })
  const first = Array.fromAsync(serve(requestOf(), one))
  const second = await Array.fromAsync(serve(requestOf(), one))
  expect(second).toMatchObject([{ type: 'failed', failure: { code: 'rate-limited' } }])
  expect(JSON.stringify(second)).not.toMatch(/quota|usage limit/)
  const other = Array.fromAsync(serve(requestOf(), callOf({ keyId: 'key_2', concurrency: 1 })))
  open()
  expect(await first).toEqual([finished])
  expect(await other).toEqual([finished])
  expect(await Array.fromAsync(serve(requestOf(), one))).toEqual([finished])
})

test('C100: one end user of a key may be limited, and does not use up the others’ share', async () => {
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const serve = admit()(async function* () {
    await gate
    yield finished
  })
  const alice = callOf({ userConcurrency: 1, namespace: 'alice' })
  const first = Array.fromAsync(serve(requestOf(), alice))
  expect(await Array.fromAsync(serve(requestOf(), alice))).toMatchObject([{ failure: { code: 'rate-limited' } }])
  const bob = Array.fromAsync(serve(requestOf(), callOf({ userConcurrency: 1, namespace: 'bob' })))
  open()
  expect([await first, await bob]).toEqual([[finished], [finished]])
  expect(await Array.fromAsync(serve(requestOf(), alice))).toEqual([finished])
})
