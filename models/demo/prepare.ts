/**
 * Makes training data: conversations, rendered by the chat template, as token ids.
 * node prepare.ts vocabulary SEED COUNT                -> vocabulary.json beside this file
 * node prepare.ts data DIR COURSE SEED COUNT  -> DIR/COURSE.{tokens,learnt,offsets} (u16, u8, u32)
 * node prepare.ts check DIR SEED PER_DOMAIN   -> DIR/check.{tokens,learnt,offsets,domains}: held out, for train.py to measure with
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Bpe, learnVocabulary, type Vocabulary } from './bpe.ts'
import { pieces } from './dialect.ts'
import { type Conversation, type Course, conversation } from './generate/conversation.ts'
import { Draw } from './generate/random.ts'

const VOCABULARY_SIZE = 2048
const SPACED_PIECES = 450
/** No training text is longer than the context. */
const TOKENS_MAX = 4096

function* conversations(course: Course, seed: number, count: number): Generator<Conversation> {
  const draw = new Draw(seed, 'train')
  for (let i = 0; i < count; i++) yield conversation(draw, course)
}

const vocabularyFile = new URL('vocabulary.json', import.meta.url)

function makeVocabulary(seed: number, count: number): void {
  const texts = function* () {
    for (const one of conversations('mix', seed, count))
      yield pieces(one)
        .map((piece) => piece.text)
        .join('')
  }
  writeFileSync(vocabularyFile, JSON.stringify(learnVocabulary(texts(), VOCABULARY_SIZE, SPACED_PIECES)))
}

/** Held-out conversations, so many of each domain, without and with thinking. */
function* heldOut(seed: number, perDomain: number): Generator<Conversation> {
  const draw = new Draw(seed, 'held-out')
  const counts = new Map<string, number>()
  for (let tries = 0; tries < perDomain * 4000; tries++) {
    const one = conversation(draw, 'mix')
    const key = `${one.domain} ${one.thinking}`
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    if (count < perDomain) yield one
  }
}

function makeData(folder: string, name: string, made: Iterable<Conversation>): void {
  const bpe = new Bpe(JSON.parse(readFileSync(vocabularyFile, 'utf8')) as Vocabulary)
  mkdirSync(folder, { recursive: true })
  const tokens: Uint16Array[] = []
  const learnt: Uint8Array[] = []
  const domains = new Map<string, number>()
  const named: string[] = []
  for (const one of made) {
    const cut = pieces(one).map(({ text, learnt: counts }) => ({ ids: bpe.encode(text), counts }))
    const ids = cut.flatMap((piece) => piece.ids)
    if (ids.length > TOKENS_MAX) continue
    tokens.push(Uint16Array.from(ids))
    learnt.push(Uint8Array.from(cut.flatMap((piece) => piece.ids.map(() => Number(piece.counts)))))
    named.push(`${one.domain}\t${one.thinking ? 'on' : 'off'}`)
    domains.set(one.domain, (domains.get(one.domain) ?? 0) + 1)
  }
  const offsets = new Uint32Array(tokens.length + 1)
  for (const [index, ids] of tokens.entries()) offsets[index + 1] = (offsets[index] ?? 0) + ids.length
  const bytes = (parts: readonly NodeJS.ArrayBufferView[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)))
  const lessons = bytes(learnt)
  writeFileSync(`${folder}/${name}.tokens`, bytes(tokens))
  writeFileSync(`${folder}/${name}.learnt`, lessons)
  writeFileSync(`${folder}/${name}.offsets`, offsets)
  if (name === 'check') writeFileSync(`${folder}/check.domains`, named.join('\n'))
  const lengths = tokens.map((ids) => ids.length).sort((a, b) => a - b)
  const at = (share: number) => lengths[Math.floor((lengths.length - 1) * share)]
  const report = { conversations: tokens.length, tokens: offsets.at(-1), learnt: lessons.reduce((a, b) => a + b, 0) }
  const sizes = { median: at(0.5), p90: at(0.9), longest: at(1) }
  console.log(JSON.stringify({ ...report, ...sizes, domains: Object.fromEntries(domains) }))
}

const [, , what, ...rest] = process.argv
const [folder = '', course = '', seed, count] = rest
if (what === 'vocabulary') makeVocabulary(Number(rest[0]), Number(rest[1]))
else if (what === 'data') makeData(folder, course, conversations(course as Course, Number(seed), Number(count)))
else if (what === 'check') makeData(folder, 'check', heldOut(Number(rest[1]), Number(rest[2])))
else throw new Error('usage: prepare.ts vocabulary|data|check …')
