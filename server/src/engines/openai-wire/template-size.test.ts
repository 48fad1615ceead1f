import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestOf } from '../../../test/replicas.ts'
import type { CompletionRequest, Message } from '../../completion/request.ts'
import { noUsage } from '../../completion/usage.ts'
import { learnTemplateSize } from './template-size.ts'

const saying = (...texts: readonly string[]): CompletionRequest =>
  requestOf({ messages: texts.map((content): Message => ({ role: 'user', content })) })
const counted = (promptTokens: number) => ({ ...noUsage, promptTokens })

test('whatever a template writes around the messages, and however few bytes a token has: no prompt has more tokens than is said', () => {
  fc.assert(
    fc.property(
      fc.nat(1_500),
      fc.nat(60),
      fc.array(fc.tuple(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 5 }), fc.nat(100)), {
        minLength: 1,
        maxLength: 12,
      }),
      (around, each, asked) => {
        const size = learnTemplateSize()
        for (const [texts, share] of asked) {
          const request = saying(...texts)
          const bytes = Buffer.byteLength(texts.join(''))
          const prompt = around + each * texts.length + Math.ceil((bytes * share) / 100)
          expect(size.tokensMax(request)).toBeGreaterThanOrEqual(prompt)
          size.see(request, counted(prompt))
        }
      },
    ),
  )
})

test('after one answer a short prompt is held for as what it is, of its own shape alone', () => {
  const size = learnTemplateSize()
  expect(size.tokensMax(saying('Hello!'))).toBeGreaterThan(2_048)
  size.see(saying('Hello!'), counted(12))
  expect(size.tokensMax(saying('Hello!'))).toBeLessThan(200)
  const others: Partial<CompletionRequest>[] = [
    { tools: [{ name: 'f', strict: false }] },
    { format: { type: 'json_object' } },
    { thinking: { enabled: true, effort: 'high' } },
    { messages: [{ role: 'system', content: 'x' }] },
  ]
  for (const other of others) expect(size.tokensMax({ ...saying('x'), ...other })).toBeGreaterThan(2_048)
})

test('what was learned is forgotten when it does not hold, and an estimate teaches nothing', () => {
  const size = learnTemplateSize()
  const request = saying('Hello!')
  size.see(request, { ...counted(12), estimated: true })
  expect(size.tokensMax(request)).toBeGreaterThan(2_048)
  size.see(request, counted(12))
  size.see(request, counted(900))
  expect(size.tokensMax(request)).toBeGreaterThan(2_048)
})
