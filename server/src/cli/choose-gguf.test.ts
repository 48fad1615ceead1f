import { expect, test } from 'vitest'
import { chooseGguf } from './choose-gguf.ts'

const files = (...paths: string[]) => paths.map((path) => ({ path, bytes: 1_000_000_000 }))
const chosen = (paths: readonly string[], wanted?: string) =>
  chooseGguf(files(...paths), wanted).map((file) => file.path)

const many = [
  'README.md',
  'M-Q8_0.gguf',
  'M-Q4_K_M.gguf',
  'M.IQ2_XS.gguf',
  'mmproj-M-f16.gguf',
  'BF16/M-BF16-00002-of-00002.gguf',
  'BF16/M-BF16-00001-of-00002.gguf',
]

test('the only GGUF is taken, whatever it is called, and projectors are none', () => {
  expect(chosen(['README.md', 'model.gguf', 'mmproj-model.gguf'])).toEqual(['model.gguf'])
})

test('of several, Q4_K_M is taken when nobody says', () => {
  expect(chosen(many)).toEqual(['M-Q4_K_M.gguf'])
})

test.each([
  ['M-Q8_0.gguf', ['M-Q8_0.gguf']],
  ['q8_0', ['M-Q8_0.gguf']],
  ['IQ2_XS', ['M.IQ2_XS.gguf']],
  ['BF16', ['BF16/M-BF16-00001-of-00002.gguf', 'BF16/M-BF16-00002-of-00002.gguf']],
  ['M-BF16-00001-of-00002.gguf', ['BF16/M-BF16-00001-of-00002.gguf', 'BF16/M-BF16-00002-of-00002.gguf']],
])('%s means %j', (wanted, expected) => {
  expect(chosen(many, wanted)).toEqual(expected)
})

test('what is not clear is answered with the choices', () => {
  expect(() => chosen(['a-Q8_0.gguf', 'b-Q8_0.gguf'])).toThrow(
    /Say which file.*\n {2}a-Q8_0.gguf {2}\(1\.00 GB\)\n {2}b-Q8_0/,
  )
  expect(() => chosen(many, 'Q3_K')).toThrow(
    /'Q3_K' is not one file.*\n.*M-BF16-00001-of-00002.gguf {2}\(2\.00 GB, 2 parts\)/,
  )
  expect(() => chosen(['a-Q4_K_M.gguf', 'b-Q4_K_M.gguf'])).toThrow(/Say which file/)
  expect(() => chosen(['README.md'])).toThrow('no GGUF file')
})
