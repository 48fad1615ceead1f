import { expect, test } from 'vitest'
import { linesByCode } from './lines-by-code.ts'

const words = { errorsTitle: 'Errors', rest: 'All others' }

test('the most frequent codes come first, and what has none is one line more', () => {
  const lines = linesByCode({ errors: [3, 6], errorCodes: { rare: [1, 0], often: [1, 5] } }, words)
  expect(lines.map(({ label, values }) => [label, values])).toEqual([
    ['often', [1, 5]],
    ['rare', [1, 0]],
    ['All others', [1, 1]],
  ])
})

test('without codes there are errors all the same', () => {
  expect(linesByCode({ errors: [0, 2], errorCodes: {} }, words)).toMatchObject([{ label: 'Errors', values: [0, 2] }])
  expect(linesByCode({ errors: [0, 0], errorCodes: {} }, words)).toMatchObject([{ label: 'Errors', values: [0, 0] }])
})

test('more codes than colours are put together', () => {
  const errorCodes = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`code-${at}`, [9 - at]]))
  const lines = linesByCode({ errors: [45], errorCodes }, words)
  expect(lines.length).toBe(7)
  expect(lines.at(-1)).toMatchObject({ label: 'All others', values: [6] })
})
