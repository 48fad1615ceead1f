import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as up from '../../../test/doubles/chat.ts'
import { told as toldBy } from '../../../test/told-by-chat.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import { cutUp } from '../../completion/steps/steps-fixture.ts'
import { remoteKinds } from '../kinds.ts'
import { openai } from '../openai.ts'
import type { Wire } from './wire.ts'

const wire: Wire = { ...openai, trimsNewlines: false }
const told = (pieces: readonly Uint8Array[], request: Partial<CompletionRequest>, kind = wire) =>
  toldBy(pieces, request, kind)

const asking: Partial<CompletionRequest> = {
  thinking: { enabled: true, effort: 'high' },
  tools: [{ name: 'f', strict: false }],
  toolChoice: { type: 'auto' },
  stop: ['END', 'é!'],
}

const piece = fc.constantFrom(
  up.reasoning('Grüße 😀'),
  up.reasoning('</think>'),
  up.reasoning('<tool_call>'),
  up.content('<think>'),
  up.content('</think>'),
  up.content('\n'),
  up.content('E'),
  up.content('ND é'),
  up.content('!'),
  up.content('<tool_call>{"name":"f","arguments":{}}</tool_call>'),
  up.call(0, { id: 'a', name: 'f', arguments: '{"x":' }),
  up.call(0, { arguments: '1}' }),
  up.call(1, { id: 'b', name: 'f' }),
  up.usageChunk,
  up.finish(),
  up.finish('length'),
  ': beat\r\n\r\n',
  up.data({ error: { message: 'x' } }),
  up.done,
)

test('what is said does not depend on where the bytes were cut, and its order has no step back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 6 }), async (pieces, cuts) => {
      const bytes = new Uint8Array(Buffer.from(pieces.join('')))
      const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
      const cut = [0, ...places].map((from, i) => bytes.slice(from, places[i] ?? bytes.length))
      const whole = await told([bytes], asking)
      expect(await told(cut, asking)).toEqual(whole)
      expect(whole.text + whole.reasoning).not.toMatch(/<\/?think>/)
      expect(whole.text).not.toContain('END')
      for (const [, text] of whole.calls) expect(JSON.parse(text ?? '')).toBeTypeOf('object')
      expect(['finished', 'failed']).toContain(whole.end?.type)
    }),
    { numRuns: 300 },
  )
})

test('one answer cut at every byte is one answer', async () => {
  const text = [
    up.reasoning('Hm 😀'),
    up.content('I look é'),
    up.call(0, { id: 'a', name: 'f', arguments: '{"x":1}' }),
    up.finish('tool_calls'),
    up.usageChunk,
    up.done,
  ].join('')
  const bytes = new Uint8Array(Buffer.from(text.replaceAll('\n', '\r\n')))
  const whole = await told([bytes], asking)
  expect(whole).toMatchObject({ reasoning: 'Hm 😀', text: 'I look é', calls: [['f', '{"x":1}']] })
  for (let at = 0; at <= bytes.length; at++)
    expect(await told([bytes.slice(0, at), bytes.slice(at)], asking)).toEqual(whole)
})

const words = fc.constantFrom(
  'Grüße 😀 ',
  'a ',
  '\n',
  '</think>',
  '/think>',
  '<think>',
  'END',
  '<tool_call>{"name":"f","arguments":{"x":1}}</tool_call>',
)

test.each(Object.entries(remoteKinds))('%s: into which deltas its words were cut does not show', async (_, kind) => {
  const answerOf = (reasoning: readonly string[], text: readonly string[]) =>
    told(
      [
        new Uint8Array(
          Buffer.from(
            [...reasoning.map(up.reasoning), ...text.map(up.content), up.finish(), up.usageChunk, up.done].join(''),
          ),
        ),
      ],
      asking,
      kind,
    )
  const texts = fc.array(words, { maxLength: 6 }).map((list) => list.join(''))
  const cuts = fc.array(fc.nat(), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(texts, texts, cuts, cuts, async (reasoning, text, someCuts, otherCuts) => {
      const { end: _, ...whole } = await answerOf([reasoning].filter(Boolean), [text].filter(Boolean))
      const pieces = (all: string, places: readonly number[]) => cutUp(all, places).filter(Boolean)
      expect(await answerOf(pieces(reasoning, someCuts), pieces(text, otherCuts))).toMatchObject(whole)
      for (const said of [whole.text, whole.reasoning]) expect(said).not.toMatch(/<\/?think>/)
    }),
    { numRuns: 150 },
  )
})
