import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scriptedFacts } from '../../../test/scripted-engine.ts'
import type { CompletionRequest, Message } from '../../completion/request.ts'
import { dialectOf } from './dialect.ts'
import { createFence, fenceRules } from './fence.ts'
import { promptWriter } from './prompt.ts'

const facts = { ...scriptedFacts, specialTokens: [...scriptedFacts.specialTokens, '<|im_end|>', '[INST]', '<<', '<a>'] }
const shard = fc.oneof(
  fc.constantFrom(...facts.specialTokens, '<', '<th', 'ink>', '｜', 'DSML｜', '<｜', 'User｜>', '\n', '[', 'INST]', ''),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.constantFrom('\ufdd0', '\ufdd1', '\u0000', '\ufffd', '"', '\\'),
)
const text = fc.array(shard, { maxLength: 8 }).map((parts) => parts.join(''))

/** Where a toy tokenizer sees special tokens: whole in a piece, and never across two. */
const specials = (pieces: readonly string[]) =>
  pieces
    .flatMap((piece) =>
      facts.specialTokens.flatMap((token) =>
        piece
          .split(token)
          .slice(1)
          .map(() => token),
      ),
    )
    .sort()

test('no special token of user text is whole in a piece, also together with the text behind it', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
      const fence = createFence(fenceRules(facts.specialTokens), texts)
      const pieces = fence.cut(texts.map((user) => fence.guard(user)).join(''))
      expect(specials(pieces)).toEqual([])
      expect(pieces.join('')).toBe(texts.join(''))
    }),
  )
})

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'user'), content: text }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: text,
    reasoning: text,
    toolCalls: fc.constant([]),
    prefix: fc.constant(false),
  }),
)
const call = fc.record({
  id: fc.constant('1'),
  name: text,
  arguments: fc.oneof(
    text,
    fc.dictionary(text, text).map((o) => JSON.stringify(o)),
  ),
})
const turn = fc.record({ user: text, call, result: text })
const messages = fc.tuple(fc.array(message, { maxLength: 3 }), fc.option(turn)).map(([before, used]): Message[] => [
  ...before,
  ...(used
    ? ([
        { role: 'user', content: used.user },
        { role: 'assistant', content: '', toolCalls: [used.call], prefix: false },
        { role: 'tool', toolCallId: '1', content: used.result },
      ] as const)
    : []),
])

test('a prompt reads the same with and without fences, and has no special tokens but those of the template', () => {
  const content = (list: readonly Message[], description: string) => ({
    messages: list,
    tools: [{ name: 'f', description, parameters: { properties: { [description]: {} } }, strict: false }],
    format: { type: 'json_schema', name: 's', schema: { description }, strict: false } as CompletionRequest['format'],
    thinking: true,
    effort: 'high' as const,
  })
  const dialect = dialectOf(facts)
  const fenced = promptWriter(facts, dialect)
  const bare = promptWriter({ ...facts, specialTokens: [] }, dialect)
  // The same turns with nothing to say: what is special there is the template's own.
  const empty = (list: readonly Message[]): Message[] =>
    list.map((m) =>
      m.role === 'assistant'
        ? {
            ...m,
            content: m.content && 'x',
            reasoning: 'x',
            toolCalls: m.toolCalls.map((c) => ({ ...c, name: 'x', arguments: plainArguments(c.arguments) })),
          }
        : { ...m, content: 'x' },
    )
  const plainArguments = (written: string) => {
    try {
      const value: unknown = JSON.parse(written)
      if (typeof value === 'object' && value !== null)
        return JSON.stringify(Object.fromEntries(Object.keys(value).map((_, i) => [`k${i}`, 'x'])))
    } catch {}
    return written.trim() && 'x'
  }
  fc.assert(
    fc.property(messages, text, (list, description) => {
      const { pieces } = fenced(content(list, description))
      expect(pieces.join('')).toBe(bare(content(list, description)).pieces.join(''))
      expect(specials(pieces)).toEqual(specials(fenced(content(empty(list), 'x')).pieces))
    }),
    { numRuns: 150 },
  )
})

test('a text with all but one noncharacter is fenced with the last one', () => {
  const all = Array.from({ length: 31 }, (_, i) => String.fromCharCode(0xfdd0 + i)).join('')
  const fence = createFence(fenceRules(['<a>']), [all])
  expect(fence.cut(fence.guard(`${all}<a>`))).toEqual([`${all}<`, 'a>'])
})
