import { describe, expect, test } from 'vitest'
import { arithmetic } from './arithmetic.ts'
import { type Conversation, type Course, conversation } from './conversation.ts'
import { FACT_GROUPS } from './facts.ts'
import { json } from './json.ts'
import * as pools from './pools.ts'
import { Draw, isHeldOutWay, type Split } from './random.ts'
import { anyStoryForms, storyForms } from './saying.ts'

const many = (split: Split, count: number, course: Course = 'mix'): Conversation[] => {
  const draw = new Draw(4, split)
  return Array.from({ length: count }, () => conversation(draw, course))
}

test('the same seed makes the same conversations', () => {
  expect(many('train', 50)).toEqual(many('train', 50))
})

test('training and measuring draw from disjoint halves of a pool', () => {
  const drawn = (split: Split) => {
    const draw = new Draw(1, split)
    return new Set(draw.times(5000, () => draw.from(pools.NAMES)))
  }
  const [train, heldOut] = [drawn('train'), drawn('held-out')]
  expect(train.isDisjointFrom(heldOut)).toBe(true)
  expect(train.size + heldOut.size).toBe(pools.NAMES.length)
})

test('whether a way of asking is held out depends neither on its place nor on what is in it', () => {
  const ways = (extra: readonly string[]) => (city: string) =>
    [...extra, ...'abcdefghijklmnopqrst'].map((way) => `${way} ${city}?`)
  const drawn = (split: Split, extra: readonly string[], city: string) => {
    const draw = new Draw(1, split)
    return new Set(draw.times(500, () => draw.way(ways(extra), city).replace(city, '')))
  }
  const [train, heldOut] = [drawn('train', [], 'Paris'), drawn('held-out', [], 'Paris')]
  expect(train.isDisjointFrom(heldOut)).toBe(true)
  expect(train.size + heldOut.size).toBe(20)
  const [later, alsoLater] = [drawn('train', ['new', 'newer'], 'Oslo'), drawn('held-out', ['new', 'newer'], 'Oslo')]
  expect(train.isSubsetOf(later) && heldOut.isSubsetOf(alsoLater)).toBe(true)
  expect(later.isDisjointFrom(alsoLater)).toBe(true)
})

/** All texts that a pattern stands for. */
function expansions(pattern: string): string[] {
  const [inner, options] = /\[([^[\]]*)\]/.exec(pattern) ?? []
  return inner === undefined || options === undefined
    ? [pattern]
    : options.split('|').flatMap((option) => expansions(pattern.replace(inner, () => option)))
}

describe('a wording from a pattern', () => {
  const patterns = ['[Show|Tell|Give] me {0}[|, please| now].', 'I [want|need|[would|should] like] {0}[|.]']
  const all = patterns.flatMap(expansions)
  const drawn = (split: Split, value: string) => {
    const draw = new Draw(1, split)
    return new Set(draw.times(2000, () => draw.said(patterns, value).replace(value, '{0}')))
  }

  test('is any of its combinations, and each of them on one side only', () => {
    const [train, heldOut] = [drawn('train', 'Oslo'), drawn('held-out', 'Bergen')]
    expect(heldOut.size).toBeGreaterThan(0)
    expect(train.isDisjointFrom(heldOut)).toBe(true)
    expect(train.union(heldOut)).toEqual(new Set(all))
  })

  test('takes its values as they are', () => {
    const value = 'a [b|c] {1} $&'
    expect(new Draw(1, 'train').said(['Say {0}[.|!]'], value)).toMatch(/^Say a \[b\|c\] \{1\} \$&[.!]$/)
  })

  test('has no held-out part where all of it is on one side', () => {
    const [alone = ''] = all.filter((text) => !isHeldOutWay(text))
    expect(new Draw(1, 'held-out').said([alone], 'it')).toBe(alone.replace('{0}', 'it'))
  })
})

test('every fact and every story is asked for in three held-out ways or more, and in more than those', () => {
  const facts = FACT_GROUPS.flatMap(([, group]) => group.map(({ questions }) => questions.flatMap(expansions)))
  for (const ways of [...facts, storyForms('{0}', '{1}'), anyStoryForms('{0}')]) {
    const heldOut = new Set(ways).values().filter(isHeldOutWay).toArray().length
    expect(heldOut, ways[0]).toBeGreaterThanOrEqual(3)
    expect(heldOut).toBeLessThan(new Set(ways).size / 2)
  }
})

test('no pool has a word twice, on both sides perhaps', () => {
  for (const [name, pool] of Object.entries(pools)) expect(new Set(pool).size, name).toBe(pool.length)
})

describe('arithmetic', () => {
  const turns = (split: Split) => {
    const draw = new Draw(2, split)
    return draw.times(3000, () => arithmetic(draw))
  }
  const parts = /^(\d+) ([-+*]) (\d+) = (-?\d+)$/

  test('is right, in the answer and at the end of the reasoning', () => {
    for (const { answer, think } of turns('train')) {
      const [, a = '', sign = '', b = '', result = ''] = parts.exec(answer) ?? []
      const right = sign === '+' ? +a + +b : sign === '-' ? +a - +b : +a * +b
      expect(Number(result)).toBe(right)
      expect(think).toContain(`${a} ${sign} ${b} = ${result}`)
    }
  })

  test('holds out pairs of numbers above the single digits', () => {
    const pairsOf = (split: Split) =>
      new Set(
        turns(split).flatMap(({ answer, user }) => {
          const [, a = '', sign = '', b = ''] = parts.exec(answer) ?? []
          return sign !== '*' && /\d/.test(user) && (+a > 9 || +b > 9) ? [`${a} ${b}`] : []
        }),
      )
    expect(pairsOf('train').isDisjointFrom(pairsOf('held-out'))).toBe(true)
  })
})

test('every JSON answer parses and has the keys of its schema', () => {
  const draw = new Draw(3, 'train')
  for (const { next, format } of draw.times(1500, () => json(draw))) {
    const value = JSON.parse(next().answer) as object
    if (format?.type !== 'json_schema') continue
    expect(Object.keys(value)).toEqual(Object.keys(format.json_schema.schema.properties as object))
  }
})

test.each([
  ['mix', 1000],
  ['choice', 200],
] as const)('in %s every call is of an offered tool, with declared keys and all required ones', (course, count) => {
  for (const { messages, tools = [] } of many('train', count, course))
    for (const message of messages) {
      if (message.role !== 'assistant') continue
      for (const { function: call } of message.tool_calls ?? []) {
        const parameters = tools.find((tool) => tool.function.name === call.name)?.function.parameters
        const keys = Object.keys(call.arguments)
        const declared = Object.keys((parameters?.properties ?? {}) as object)
        expect(declared).toEqual(expect.arrayContaining(keys))
        expect(keys).toEqual(expect.arrayContaining((parameters?.required ?? []) as string[]))
      }
    }
})

test.each(['choice', 'tools'] as const)('%s always offers several tools, each by a name of its own', (course) => {
  for (const { tools = [] } of many('train', 100, course)) {
    const names = new Set(tools.map((tool) => tool.function.name))
    expect(names.size).toBe(tools.length)
  }
  // In training some calls are forced, with nothing to choose.
  for (const { tools = [] } of many('held-out', 100, course)) expect(tools.length).toBeGreaterThan(1)
})

test.each(['copy', 'drill', 'choice', 'mix', 'tools', 'long'] as const)(
  '%s ends each conversation with an answer',
  (course) => {
    for (const { messages } of many('train', 30, course)) expect(messages.at(-1)?.role).toBe('assistant')
  },
)
