import { expect, test } from 'vitest'
import { callOf, finished, requestOf, telling, told } from '../../test/replicas.ts'
import type { CompletionRequest } from '../completion/request.ts'
import { type Meter, meter } from './meter.ts'

const ledgerOf = (maxTokens: number): Meter => ({
  hold: async () => ({ granted: true, maxTokens }),
  settle: async () => null,
  follow: () => () => undefined,
})
const never = (error: unknown) => {
  throw error
}

test('a request that is paid for in full goes on as it is, one that is not with fewer tokens', async () => {
  const seen: CompletionRequest[] = []
  const serve = (maxTokens: number) =>
    meter(ledgerOf(maxTokens), { priceOf: () => undefined, hangUp: 'generated', onDefect: never })(
      telling(async function* (request) {
        seen.push(request)
        yield finished
      }),
    )
  const request = { ...requestOf(), maxTokens: 100 }
  for (const maxTokens of [100, 7]) expect(await told(serve(maxTokens), request, callOf())).toEqual([finished])
  expect(seen[0]).toBe(request)
  expect(seen[1]).toEqual({ ...request, maxTokens: 7 })
})

test('where a coarse bound would refuse or lower, the prompt is counted, and only there', async () => {
  const asked: { promptTokensMax: number; coarse?: true | undefined }[] = []
  const ledger: Meter = {
    ...ledgerOf(100),
    async hold({ promptTokensMax, maxTokens, coarse }) {
      asked.push({ promptTokensMax, coarse })
      return promptTokensMax > 50 && coarse
        ? { granted: false, why: 'coarse', whose: 'key', waitMs: 0 }
        : { granted: true, maxTokens }
    },
  }
  let counted = 0
  const ask = (promptTokensMax: number, count: number | undefined) => {
    const countPrompt = async () => {
      counted++
      return count
    }
    const options = { priceOf: () => undefined, hangUp: 'generated', onDefect: never } as const
    const serve = meter(
      ledger,
      options,
    )(
      telling(async function* () {
        yield finished
      }),
    )
    return told(serve, requestOf(), callOf({ promptTokensMax, countPrompt }))
  }
  expect(await ask(50, 3)).toEqual([finished])
  expect([counted, asked]).toEqual([0, [{ promptTokensMax: 50, coarse: true }]])
  await ask(80, 3)
  // Nobody told: the bound stands.
  await ask(80, undefined)
  expect([counted, asked.slice(1)]).toEqual([
    2,
    [
      { promptTokensMax: 80, coarse: true },
      { promptTokensMax: 3, coarse: undefined },
      { promptTokensMax: 80, coarse: true },
      { promptTokensMax: 80, coarse: undefined },
    ],
  ])
})
