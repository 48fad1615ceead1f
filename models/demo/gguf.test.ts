import { expect, test } from 'vitest'
import { Draw } from './generate/random.ts'
import { paddedHeads, stretchOf } from './gguf.ts'

type Matrix = Parameters<typeof paddedHeads>[0]
type Attention = { q: Matrix; k: Matrix; v: Matrix; output: Matrix }

const WIDTH = 24
const KV_HEADS = 2
const HEADS = 3 * KV_HEADS
const ROPE_BASE = 50_000

const draw = new Draw(1, 'train')
const noise = (count: number) => Float32Array.from({ length: count }, () => draw.next() * 2 - 1)
const matrix = (part: string, rows: number, columns: number): Matrix => ({
  name: `blk.0.attn_${part}.weight`,
  shape: [rows, columns],
  values: noise(rows * columns),
})
const attention = (head: number): Attention => ({
  q: matrix('q', HEADS * head, WIDTH),
  k: matrix('k', KV_HEADS * head, WIDTH),
  v: matrix('v', KV_HEADS * head, WIDTH),
  output: matrix('output', WIDTH, HEADS * head),
})
const padded = ({ q, k, v, output }: Attention, head: number): Attention => ({
  q: paddedHeads(q, head),
  k: paddedHeads(k, head),
  v: paddedHeads(v, head),
  output: paddedHeads(output, head),
})

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0)
const product = ({ shape: [rows = 0, columns = 0], values }: Matrix, x: ArrayLike<number>): number[] =>
  Array.from({ length: rows }, (_, row) => dot(values.subarray(row * columns, (row + 1) * columns), x))

/** RoPE as llama.cpp has it for this architecture: neighbours are a pair. */
function turned(numbers: readonly number[], position: number): number[] {
  return numbers.map((x, at) => {
    const angle = position * ROPE_BASE ** (-(at - (at % 2)) / numbers.length)
    const other = numbers[at % 2 === 0 ? at + 1 : at - 1] ?? Number.NaN
    return x * Math.cos(angle) + (at % 2 === 0 ? -other : other) * Math.sin(angle)
  })
}

/** What the attention makes of the last of some tokens, with heads of this length. */
function answer({ q, k, v, output }: Attention, head: number, tokens: readonly Float32Array[]): number[] {
  const part = (numbers: readonly number[], index: number) => numbers.slice(index * head, (index + 1) * head)
  const queries = product(q, tokens.at(-1) ?? [])
  const keys = tokens.map((token) => product(k, token))
  const values = tokens.map((token) => product(v, token))
  const mixed = Array.from({ length: HEADS }, (_, index) => {
    const shared = Math.floor((index * KV_HEADS) / HEADS)
    const query = turned(part(queries, index), tokens.length - 1)
    const weights = keys.map((key, at) => Math.exp(dot(query, turned(part(key, shared), at)) / Math.sqrt(head)))
    const total = weights.reduce((a, b) => a + b)
    const column = (at: number) => values.map((value) => part(value, shared)[at] ?? Number.NaN)
    return Array.from({ length: head }, (_, at) => dot(weights, column(at)) / total)
  })
  return product(output, mixed.flat())
}

test.each([16, 32])('heads of %i, written as heads of 64, answer what they answered', (head) => {
  const trained = attention(head)
  const written = padded(trained, head)
  expect(stretchOf(head) * head).toBe(64)
  expect(written.k.shape).toEqual([KV_HEADS * 64, WIDTH])
  expect(written.output.shape).toEqual([WIDTH, HEADS * 64])
  const tokens = Array.from({ length: 12 }, () => noise(WIDTH))
  const wanted = answer(trained, head, tokens)
  for (const [at, x] of answer(written, 64, tokens).entries()) expect(x).toBeCloseTo(wanted[at] ?? Number.NaN, 5)
})

test.each([48, 64, 80, 128])('heads of %i stay as they are', (head) => {
  const trained = attention(head)
  expect(stretchOf(head)).toBe(1)
  expect(padded(trained, head)).toEqual(trained)
})

test('matrices without heads stay as they are', () => {
  const down = { ...matrix('q', 4, 4), name: 'blk.0.ffn_down.weight' }
  expect(paddedHeads(down, 32)).toEqual(down)
})
