import { expect, test } from 'vitest'
import { createAssembly } from './assembly.ts'

test('between reasoning and the first word of the answer stands the border, with the reasoning’s tokens', () => {
  const judge = () => ({ type: 'malformed' }) as const
  const { read } = createAssembly({ thinking: true, calls: false, single: false, judge, last: true })
  expect(read({ type: 'reasoning', text: 'why' }, 2)).toMatchObject([
    { type: 'border', into: 'reasoning' },
    { type: 'reasoning', passage: { text: 'why' } },
  ])
  expect(read({ type: 'text', text: 'so' }, 1)).toMatchObject([
    { type: 'border', into: 'answer', tokens: 2 },
    { type: 'text', passage: { text: 'so' } },
  ])
  expect(read({ type: 'text', text: ' it is' }, 1)).toMatchObject([{ type: 'text', passage: { text: ' it is' } }])
})
