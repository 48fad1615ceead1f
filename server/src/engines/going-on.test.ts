import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Draft, type Heard, startDraft } from '../completion/draft/draft.ts'
import { passages } from '../completion/steps/passage.ts'
import { type RemoteKind, remoteKinds } from './kinds.ts'
import { chatEngine } from './openai-wire/engine.ts'
import { type PrefixMode, prefixModes } from './openai-wire/wire.ts'
import { rawWires } from './remote-raw/wires.ts'

const piece = (type: 'reasoning' | 'text'): Heard => ({ type, passage: passages()({ text: 'Well', tokens: 1 }) })

/** What came of an answer when it broke off, in the order of the columns. */
const columns: Readonly<Record<string, readonly Heard[]>> = {
  'inside reasoning': [piece('reasoning')],
  'in text or JSON': [piece('reasoning'), piece('text')],
  'in a call behind text': [piece('reasoning'), piece('text')],
  'in a call behind reasoning': [piece('reasoning')],
}

/** An engine by its chat face. @returns for each column whether it goes on with an answer of its own kind */
function rowOf(kind: RemoteKind, prefixMode?: PrefixMode): string {
  const limits = { firstTokenMs: 1, interTokenMs: 1, abortMs: 1, qualityRetries: 1 }
  const upstream = {
    ...{ id: 'x', url: 'http://127.0.0.1:9', model: 'm', concurrency: 1, contextWindow: 1_000, maxOutput: 100 },
    ...{ logprobs: false, equivalence: 'all', ...(prefixMode && { prefixMode }) },
  }
  const engine = chatEngine(remoteKinds[kind], upstream, { limits, log: { warn: () => undefined } })
  const draftOf = (heard: readonly Heard[]): Draft => ({
    ...startDraft(false),
    heard,
    writer: 'equivalent\0all\0chat',
  })
  return Object.values(columns)
    .map((heard) => (engine.continues?.(draftOf(heard)) ? 'goes on' : 'ends'))
    .join(' | ')
}

test('docs/engines.md says of each kind of engine where it goes on', () => {
  const kinds = Object.keys(remoteKinds) as RemoteKind[]
  const known = kinds.filter((kind) => remoteKinds[kind].prefixMode !== undefined)
  const others = kinds.filter((kind) => !known.includes(kind)).toSorted()
  const named = (some: readonly string[]) => some.map((kind) => `\`${kind}\``).join(', ')
  const all = Object.values(columns)
    .map(() => 'goes on')
    .join(' | ')
  const chat = new Set(others.map((kind) => rowOf(kind)))
  const told = new Set(others.flatMap((kind) => prefixModes.map((mode) => rowOf(kind, mode))))
  expect([chat.size, told.size]).toEqual([1, 1])
  const table = [
    `| Engine | ${Object.keys(columns).join(' | ')} |`,
    `|---|${'---|'.repeat(Object.keys(columns).length)}`,
    `| \`llama\`; ${named(Object.keys(rawWires).toSorted())} by the raw face | ${all} |`,
    ...known.map((kind) => `| ${named([kind])} | ${rowOf(kind)} |`),
    `| ${named(others)} by the chat face, with \`prefixMode\` | ${[...told].join()} |`,
    `| ${named(others)} by the chat face | ${[...chat].join()} |`,
  ].join('\n')
  expect(readFileSync(new URL('../../../docs/engines.md', import.meta.url), 'utf8')).toContain(table)
})
