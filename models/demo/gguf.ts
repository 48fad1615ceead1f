/**
 * Writes GGUF files (version 3) of llama-architecture models with this folder's tokenizer and chat template.
 * node gguf.ts trained WEIGHTS_DIR OUT.gguf f16|q8_0
 * node gguf.ts random WIDTH LAYERS HEADS KV_HEADS FFN VOCABULARY CONTEXT OUT.gguf f16|q8_0
 * The first fills short attention heads up; the second writes noise of any size, for measuring speed, with heads as asked for.
 */
import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import type { Vocabulary } from './bpe.ts'
import { BOS, CONTROL_TOKENS, EOS, PAD, templateSource, VISIBLE_TOKENS } from './dialect.ts'
import { Draw } from './generate/random.ts'

type TensorType = 'f32' | 'f16' | 'q8_0'
type Scalar = 'u32' | 'i32' | 'f32' | 'bool' | 'string'
type Value =
  | { type: Exclude<Scalar, 'string' | 'bool'>; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'array'; of: Scalar; value: readonly (string | number)[] }
type Tensor = { name: string; dims: readonly number[]; type: TensorType; data: () => Buffer }
export type Shape = {
  width: number
  layers: number
  heads: number
  kv_heads: number
  /** Numbers in one attention head. */
  head: number
  ffn: number
  context: number
  rope_base: number
}

const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const
const TENSOR_TYPES = { f32: 0, f16: 1, q8_0: 8 } as const
const FILE_TYPES = { f32: 0, f16: 1, q8_0: 7 } as const
const ALIGNMENT = 32
const Q8_BLOCK = 32

const sizeOf = (count: number, type: TensorType): number =>
  type === 'f32' ? count * 4 : type === 'f16' ? count * 2 : (count / Q8_BLOCK) * 34
const countOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1)
const padded = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT

const half = new Float16Array(1)
const halfBits = new Uint16Array(half.buffer)
const toHalf = (x: number): number => {
  half[0] = x
  return halfBits[0] ?? 0
}
const fromHalf = (bits: number): number => {
  halfBits[0] = bits
  return half[0] ?? 0
}

function encode(values: Float32Array, type: TensorType): Buffer {
  if (type === 'f32') return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  if (type === 'f16') return Buffer.from(Float16Array.from(values).buffer)
  const out = Buffer.alloc(sizeOf(values.length, type))
  for (let start = 0, at = 0; start < values.length; start += Q8_BLOCK, at += 34) {
    const block = values.subarray(start, start + Q8_BLOCK)
    const scale = toHalf(block.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127)
    const inverse = scale === 0 ? 0 : 1 / fromHalf(scale)
    out.writeUInt16LE(scale, at)
    for (const [i, x] of block.entries())
      out.writeInt8(Math.max(-127, Math.min(127, Math.round(x * inverse))), at + 2 + i)
  }
  return out
}

/** Collects little-endian fields. */
class Bytes {
  readonly parts: Buffer[] = []
  private put(size: number, write: (buffer: Buffer) => void): void {
    const buffer = Buffer.alloc(size)
    write(buffer)
    this.parts.push(buffer)
  }
  u32 = (x: number): void => this.put(4, (b) => b.writeUInt32LE(x))
  u64 = (x: number): void => this.put(8, (b) => b.writeBigUInt64LE(BigInt(x)))
  string = (x: string): void => {
    const text = Buffer.from(x, 'utf8')
    this.u64(text.length)
    this.parts.push(text)
  }
  scalar = (type: Scalar, x: string | number | boolean): void => {
    if (type === 'string') this.string(String(x))
    else if (type === 'bool') this.parts.push(Buffer.from([x ? 1 : 0]))
    else if (type === 'f32') this.put(4, (b) => b.writeFloatLE(Number(x)))
    else if (type === 'i32') this.put(4, (b) => b.writeInt32LE(Number(x)))
    else this.u32(Number(x))
  }
}

/** The file appears whole or not at all. */
function writeGguf(path: string, metadata: readonly [string, Value][], tensors: readonly Tensor[]): void {
  const head = new Bytes()
  head.parts.push(Buffer.from('GGUF'))
  head.u32(3)
  head.u64(tensors.length)
  head.u64(metadata.length)
  for (const [key, entry] of metadata) {
    head.string(key)
    head.u32(VALUE_TYPES[entry.type])
    if (entry.type === 'array') {
      head.u32(VALUE_TYPES[entry.of])
      head.u64(entry.value.length)
      for (const x of entry.value) head.scalar(entry.of, x)
    } else head.scalar(entry.type, entry.value)
  }
  let offset = 0
  for (const tensor of tensors) {
    head.string(tensor.name)
    head.u32(tensor.dims.length)
    for (const dim of tensor.dims) head.u64(dim)
    head.u32(TENSOR_TYPES[tensor.type])
    head.u64(offset)
    offset += padded(sizeOf(countOf(tensor.dims), tensor.type))
  }
  const file = openSync(`${path}.new`, 'w')
  const write = (data: Buffer) => {
    for (let at = 0; at < data.length; ) at += writeSync(file, data, at)
    writeSync(file, Buffer.alloc(padded(data.length) - data.length))
  }
  write(Buffer.concat(head.parts))
  for (const tensor of tensors) write(tensor.data())
  closeSync(file)
  renameSync(`${path}.new`, path)
}

function metadata(name: string, shape: Shape, vocabulary: Vocabulary, type: TensorType): [string, Value][] {
  const u32 = (value: number): Value => ({ type: 'u32', value })
  const f32 = (value: number): Value => ({ type: 'f32', value })
  const string = (value: string): Value => ({ type: 'string', value })
  const id = (token: string): Value => u32(vocabulary.tokens.indexOf(token))
  const kind = (token: string): number => (CONTROL_TOKENS.includes(token) ? 3 : VISIBLE_TOKENS.includes(token) ? 4 : 1)
  return [
    ['general.architecture', string('llama')],
    ['general.name', string(name)],
    ['general.license', string('apache-2.0')],
    ['general.file_type', u32(FILE_TYPES[type])],
    ['general.alignment', u32(ALIGNMENT)],
    ['llama.block_count', u32(shape.layers)],
    ['llama.context_length', u32(shape.context)],
    ['llama.embedding_length', u32(shape.width)],
    ['llama.feed_forward_length', u32(shape.ffn)],
    ['llama.attention.head_count', u32(shape.heads)],
    ['llama.attention.head_count_kv', u32(shape.kv_heads)],
    ['llama.attention.layer_norm_rms_epsilon', f32(1e-5)],
    ['llama.attention.key_length', u32(shape.head)],
    ['llama.attention.value_length', u32(shape.head)],
    ['llama.rope.dimension_count', u32(shape.head)],
    ['llama.rope.freq_base', f32(shape.rope_base)],
    ['llama.vocab_size', u32(vocabulary.tokens.length)],
    ['tokenizer.ggml.model', string('gpt2')],
    ['tokenizer.ggml.pre', string('qwen2')],
    ['tokenizer.ggml.tokens', { type: 'array', of: 'string', value: vocabulary.tokens }],
    ['tokenizer.ggml.token_type', { type: 'array', of: 'i32', value: vocabulary.tokens.map(kind) }],
    [
      'tokenizer.ggml.merges',
      { type: 'array', of: 'string', value: vocabulary.merges.map((merge) => merge.join(' ')) },
    ],
    ['tokenizer.ggml.bos_token_id', id(BOS)],
    ['tokenizer.ggml.eos_token_id', id(EOS)],
    ['tokenizer.ggml.padding_token_id', id(PAD)],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
    ['tokenizer.chat_template', string(templateSource)],
  ]
}

const readVocabulary = (): Vocabulary =>
  JSON.parse(readFileSync(new URL('vocabulary.json', import.meta.url), 'utf8')) as Vocabulary

/** A tensor of the training, row by row. */
type Trained = { name: string; shape: readonly number[]; values: Float32Array }
/** What export.py leaves: index.json (shape, tensors) and weights.bin (float32, row by row). */
type Index = Omit<Shape, 'head'> & { tensors: { name: string; shape: number[]; offset: number }[] }

/** How many numbers of half precision llama.cpp multiplies at once on AVX-512; what is left of a head it multiplies one by one. */
const WIDE_HEAD = 64

/** How many times as long a head is written as it was trained; once where that would not make it 64. */
export const stretchOf = (head: number): number => (WIDE_HEAD % head === 0 ? WIDE_HEAD / head : 1)

/**
 * Fills short heads up to 64 numbers with zeros, as llama.cpp is slow with shorter ones (see WIDE_HEAD). `head` is their trained length. The
 * answers are the same, because
 * - RoPE turns pair i by the angle base^(-2i/length): in a head twice as long, pair 2i turns as pair i did, and the pairs between are zeros,
 *   which no turn changes and which add nothing to a score;
 * - a score is divided by the root of the length, and the queries are multiplied by the root of what it grew by;
 * - the zeros behind the values come out of the attention as zeros, and the output matrix has zeros for them.
 */
export function paddedHeads({ name, shape, values }: Trained, head: number): Trained {
  const part = /\.attn_(q|k|v|output)\.weight$/.exec(name)?.[1]
  const stretch = stretchOf(head)
  if (part === undefined || stretch === 1) return { name, shape, values }
  const [rows = 0, columns = 0] = shape
  // A number of a head is made by a row, and in the output matrix multiplied with a column.
  const size = part === 'output' ? 1 : columns
  const factor = part === 'q' ? Math.sqrt(stretch) : 1
  const wide = new Float32Array(values.length * stretch)
  for (let number = 0; number < values.length / size; number++) {
    const at = number % head
    const place = part === 'q' || part === 'k' ? Math.floor(at / 2) * 2 * stretch + (at % 2) : at
    const numbers = values.subarray(number * size, (number + 1) * size).map((x) => x * factor)
    wide.set(numbers, ((number - at) * stretch + place) * size)
  }
  return { name, shape: part === 'output' ? [rows, columns * stretch] : [rows * stretch, columns], values: wide }
}

function writeTrained(folder: string, out: string, type: TensorType): void {
  const index = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')) as Index
  const weights = readFileSync(`${folder}/weights.bin`)
  const head = index.width / index.heads
  const tensors = index.tensors.map(({ name, shape, offset }): Tensor => {
    const start = weights.byteOffset + offset
    const values = new Float32Array(weights.buffer.slice(start, start + countOf(shape) * 4))
    const written = paddedHeads({ name, shape, values }, head)
    const tensorType = shape.length === 1 ? 'f32' : type
    return { name, dims: written.shape.toReversed(), type: tensorType, data: () => encode(written.values, tensorType) }
  })
  const shape = { ...index, head: head * stretchOf(head) }
  writeGguf(out, metadata('Tidegate Demo', shape, readVocabulary(), type), tensors)
}

function writeRandom(shape: Shape, size: number, out: string, type: TensorType): void {
  const draw = new Draw(1, 'train')
  const known = readVocabulary()
  const special = known.tokens.slice(-CONTROL_TOKENS.length - VISIBLE_TOKENS.length)
  const extra = Array.from({ length: size - known.tokens.length }, (_, i) => `extra${i}`)
  const tokens = [...known.tokens.slice(0, -special.length), ...extra, ...special]
  /** Quantised noise is drawn as it lies in the file, so that a model of 300 M parameters takes seconds. */
  const noise = (count: number, deviation: number) => () => {
    if (type !== 'q8_0')
      return encode(
        Float32Array.from({ length: count }, () => (draw.next() * 2 - 1) * 1.73 * deviation),
        type,
      )
    const blocks = Buffer.alloc(sizeOf(count, type))
    const scale = toHalf(deviation / 64)
    for (let at = 0; at < blocks.length; at += 34) {
      blocks.writeUInt16LE(scale, at)
      for (let i = 0; i < Q8_BLOCK; i++) blocks.writeInt8(draw.int(-110, 110), at + 2 + i)
    }
    return blocks
  }
  const matrix = (name: string, from: number, to: number, deviation = 0.7 / Math.sqrt(from)): Tensor => ({
    name,
    dims: [from, to],
    type,
    data: noise(from * to, deviation),
  })
  const norm = (name: string): Tensor => ({
    name,
    dims: [shape.width],
    type: 'f32',
    data: () => encode(new Float32Array(shape.width).fill(1), 'f32'),
  })
  const { width, ffn } = shape
  const kv = shape.head * shape.kv_heads
  const layer = (l: number): Tensor[] => [
    norm(`blk.${l}.attn_norm.weight`),
    norm(`blk.${l}.ffn_norm.weight`),
    matrix(`blk.${l}.attn_q.weight`, width, width),
    matrix(`blk.${l}.attn_k.weight`, width, kv),
    matrix(`blk.${l}.attn_v.weight`, width, kv),
    matrix(`blk.${l}.attn_output.weight`, width, width),
    matrix(`blk.${l}.ffn_gate.weight`, width, ffn),
    matrix(`blk.${l}.ffn_up.weight`, width, ffn),
    matrix(`blk.${l}.ffn_down.weight`, ffn, width),
  ]
  const layers = Array.from({ length: shape.layers }, (_, l) => layer(l)).flat()
  const tensors = [
    matrix('token_embd.weight', width, tokens.length, 0.5),
    norm('output_norm.weight'),
    matrix('output.weight', width, tokens.length),
    ...layers,
  ]
  writeGguf(out, metadata('Tidegate random weights', shape, { tokens, merges: known.merges }, type), tensors)
}

function main([mode, ...rest]: string[]): void {
  if (mode === 'trained') {
    const [folder = '', out = '', type = 'f16'] = rest
    writeTrained(folder, out, type as TensorType)
    console.log(out, statSync(out).size, 'bytes')
  } else if (mode === 'random') {
    const [width = 0, layers = 0, heads = 0, kv_heads = 0, ffn = 0, size = 0, context = 0] = rest
      .slice(0, 7)
      .map(Number)
    const [out = '', type = 'q8_0'] = rest.slice(7)
    const shape = { width, layers, heads, kv_heads, head: width / heads, ffn, context, rope_base: 10_000 }
    writeRandom(shape, size, out, type as TensorType)
    console.log(out, statSync(out).size, 'bytes')
  } else throw new Error('usage: gguf.ts trained|random …')
}

if (import.meta.main) main(process.argv.slice(2))
