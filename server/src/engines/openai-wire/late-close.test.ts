import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEnding, naturalEnd, type Part } from '../../completion/steps/part.ts'
import { passages } from '../../completion/steps/passage.ts'
import { cutUp } from '../../completion/steps/steps-fixture.ts'
import { createManners, lateClose } from './late-close.ts'

const tags = { open: '<think>', close: '</think>' }

interface Said {
  readonly reasoning: readonly string[]
  readonly text: readonly string[]
  readonly thinking?: boolean
  readonly known?: 'apart' | 'inline'
  readonly thinks?: boolean
  readonly obeys?: boolean
  readonly ending?: Part
}

/** What comes out of an answer whose reasoning and text came in these pieces. */
function split({ reasoning, text, thinking = true, known, thinks = true, obeys = true, ending = naturalEnd }: Said) {
  const manners = createManners(() => undefined)
  if (known) manners.learn(known)
  const passageOf = passages()
  const passage = (words: string) => passageOf({ text: words, tokens: 1 })
  const parts: Part[] = [
    ...(reasoning.length > 0 ? [{ type: 'border', into: 'reasoning' } as const] : []),
    ...reasoning.map((words) => ({ type: 'reasoning', passage: passage(words) }) as const),
    ...(reasoning.length > 0 ? [{ type: 'border', into: 'answer', tokens: reasoning.length, at: 0 } as const] : []),
    ...text.map((words) => ({ type: 'text', passage: passage(words) }) as const),
    ending,
  ]
  const { step } = lateClose({ tags, thinking, manners, thinks, obeys })
  const out = parts.flatMap(step)
  const joined = (type: 'reasoning' | 'text') =>
    out.map((part) => (part.type === type ? part.passage.text : '')).join('')
  const order = out.map(({ type }) => ['reasoning', 'text', 'ended'].indexOf(type)).filter((place) => place >= 0)
  expect(order).toEqual(order.toSorted())
  expect(isEnding(out.at(-1) ?? naturalEnd)).toBe(true)
  return { reasoning: joined('reasoning'), text: joined('text'), manners: manners.current() }
}

test.each([
  [['a'], 'b', 'a', 'b'],
  [['a'], ' tail</think>b', 'a tail', 'b'],
  [['a'], '</think>b', 'a', 'b'],
  [['a'], '/think>b', 'a', 'b'],
  [['a'], '\n\n</think>b', 'a\n\n', 'b'],
  [['a<', '/th'], 'ink>b', 'a', 'b'],
  [['a<'], 'b', 'a<', 'b'],
  [['a'], '/thinking', 'a', '/thinking'],
  [['a'], `${'x'.repeat(128)}</think>b`, `a${'x'.repeat(128)}`, 'b'],
  [['a'], `${'x'.repeat(129)}</think>b`, 'a', `${'x'.repeat(129)}</think>b`],
  [['a'], '<think>b</think>c', 'a', '<think>b</think>c'],
  [[], 'a</think>b', 'a', 'b'],
  [[], `${'x'.repeat(1_000)}</think>b`, 'x'.repeat(1_000), 'b'],
  [[], '</think>b', '', 'b'],
  [[], '/think></think>b', '', '</think>b'],
  [[], 'b', '', 'b'],
  [[], 'b </thin', '', 'b </thin'],
])('%j and then %j, in any cuts', (reasoning, text, thought, said) => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 3 }), (cuts, others) => {
      const pieces = reasoning.length > 0 ? cutUp(reasoning.join(''), others).filter(Boolean) : []
      const result = split({ reasoning: pieces, text: cutUp(text, cuts).filter(Boolean) })
      expect([result.reasoning, result.text]).toEqual([thought, said])
    }),
    { numRuns: 50 },
  )
})

test('with thinking off a residue is removed, and reasoning that was not asked for is dropped', () => {
  expect(split({ reasoning: [], text: ['</think>b'], thinking: false })).toMatchObject({ reasoning: '', text: 'b' })
  expect(split({ reasoning: [], text: ['/thi', 'nk>b'], thinking: false })).toMatchObject({ reasoning: '', text: 'b' })
  expect(split({ reasoning: [], text: ['a </think> b'], thinking: false }).text).toBe('a </think> b')
})

test('an upstream is known by its answers, and then no more than the beginning of its text is kept back', () => {
  expect(split({ reasoning: ['a'], text: ['b'] }).manners).toBe('apart')
  expect(split({ reasoning: [], text: ['b'] }).manners).toBe('apart')
  expect(split({ reasoning: [], text: ['a</think>b'] }).manners).toBe('inline')
  const cut: Part = { type: 'ended', reason: 'length', matchedStop: null }
  expect(split({ reasoning: [], text: ['b'], ending: cut })).toEqual({ reasoning: '', text: 'b', manners: 'unknown' })
  expect(split({ reasoning: [], text: ['b'], ending: cut, known: 'inline' })).toMatchObject({
    reasoning: 'b',
    text: '',
  })

  const manners = createManners(() => undefined)
  const passageOf = passages()
  const read = (text: string, { thinking = true, thinks = true } = {}) => {
    const late = lateClose({ tags, thinking, manners, thinks, obeys: true })
    const out = late.step({ type: 'text', passage: passageOf({ text, tokens: 1 }) })
    return [out.length, late.holds(), late.release().length, late.holds()]
  }
  const long = 'words '.repeat(30)
  expect(read(long)).toEqual([0, true, 1, false])
  expect(read('words', { thinks: false })).toEqual([1, false, 0, false])
  manners.learn('apart')
  expect(read(long)).toEqual([1, false, 0, false])
  expect(read('words')).toEqual([0, true, 1, false])
  expect(read('words', { thinking: false })).toEqual([1, false, 0, false])
  expect(read('words', { thinks: false })).toEqual([1, false, 0, false])
})

test('what was taken for apart and is not, is found out', () => {
  expect(split({ reasoning: [], text: ['a</think>b'], known: 'apart' })).toEqual({
    reasoning: 'a',
    text: 'b',
    manners: 'inline',
  })
  const long = 'x'.repeat(200)
  for (const text of [[long, '</thi', 'nk>b'], [`${long}</think>b`]]) {
    expect(split({ reasoning: [], text, known: 'apart' })).toMatchObject({ reasoning: '', manners: 'inline' })
    expect(split({ reasoning: ['a'], text }).manners).toBe('apart')
    expect(split({ reasoning: [], text, known: 'apart', thinking: false }).manners).toBe('apart')
  }
  // An opening tag announces it, and whoever writes both needs no doubts.
  for (const text of [['<think>a</think>b'], ['<think>', 'a', '</think>', 'b'], ['\n<thi', 'nk>a</think>b']])
    for (const thinks of [true, false]) expect(split({ reasoning: [], text, thinks }).manners).not.toBe('inline')
})

test('who cannot be kept from thinking is doubted with thinking off, too, once it was seen to leak', () => {
  const long = 'x'.repeat(200)
  const off = { reasoning: [], thinking: false, obeys: false } as const
  expect(split({ ...off, text: [long, '</think>b'] })).toEqual({
    reasoning: '',
    text: `${long}</think>b`,
    manners: 'inline',
  })
  expect(split({ ...off, text: [long, '</think>b'], known: 'inline' })).toMatchObject({ reasoning: '', text: 'b' })
  const cut: Part = { type: 'ended', reason: 'length', matchedStop: null }
  expect(split({ ...off, text: [long], known: 'inline', ending: cut })).toMatchObject({ reasoning: '', text: '' })
  expect(split({ ...off, obeys: true, text: [long], known: 'inline', ending: cut })).toMatchObject({ text: long })
})
