import { expect, test } from 'vitest'
import { telling, told } from '../../test/replicas.ts'
import type { CompletionEvent } from './event.ts'
import { ServeError } from './failure.ts'
import type { CompletionRequest } from './request.ts'
import { sealed } from './sealed.ts'
import type { Call, Serve } from './serve.ts'

const request = {} as CompletionRequest
const call = (signal = new AbortController().signal) => ({ id: 'req_1', signal }) as Call
const text: CompletionEvent = { type: 'text', text: 'a', tokens: 1 }

async function ending(serve: Serve, signal?: AbortSignal) {
  const defects: unknown[] = []
  const all = await told(sealed((error) => defects.push(error))(serve), request, call(signal))
  return { all, defects }
}

test('a foreseen failure keeps its code, an unforeseen one becomes internal and is reported without its words', async () => {
  const foreseen = await ending(
    telling(async function* () {
      yield text
      throw new ServeError({ code: 'engine-lost', message: 'gone' })
    }),
  )
  expect(foreseen.all.at(-1)).toMatchObject({ failure: { code: 'engine-lost' } })
  expect(foreseen.defects).toEqual([])
  const unforeseen = await ending(
    telling(async function* () {
      yield text
      throw new TypeError('secret detail')
    }),
  )
  expect(unforeseen.all.at(-1)).toMatchObject({ failure: { code: 'internal', message: 'Internal server error.' } })
  expect(unforeseen.defects).toHaveLength(1)
})

test('after an abort every error means that the caller left', async () => {
  const { all, defects } = await ending(
    telling(async function* () {
      yield text
      throw new Error('socket hang up')
    }),
    AbortSignal.abort(),
  )
  expect(all.at(-1)).toMatchObject({ failure: { code: 'cancelled' } })
  expect(defects).toEqual([])
})
