import type { RemoteKind } from '../../src/engines/kinds.ts'
import type { Client } from '../client.ts'
import type { RawKind } from '../doubles/raw.ts'
import { speaking } from '../doubles/speaking.ts'
import { voices } from '../doubles/voices.ts'
import { chatDoubled } from './chat-harness.ts'
import { rawDoubled, speakingOn } from './raw-harness.ts'

/** An engine that speaks the raw text of a model: what a client hears of it must not depend on which one it is. */
export interface Speaker {
  readonly name: string
  /** It can be told to enforce grammars. */
  readonly enforces?: true
  /** The service in front of it. `thinks`: the request that follows has thinking on. */
  readonly start: (
    runs: readonly string[],
    about: { readonly thinks: boolean; readonly constrains: boolean },
  ) => Promise<{ readonly client: Client }>
  /** Checks that this engine cannot keep to the letter, by the first word of the test's title, each with the reason. */
  readonly excused: Readonly<Record<string, string>>
}

const chat = (kind: RemoteKind, excused: Speaker['excused'] = {}): Speaker => ({
  name: `${kind}, chat`,
  start: (runs, { thinks }) => chatDoubled(kind, speaking(voices[kind], runs, thinks)),
  excused,
})

const trims = 'newlines before its answer are taken for the layout of its template'
/** Servers with a template of their own and a parser for reasoning. */
const templated = {
  C35: 'what stands before a closing tag at the start of its content is the end of reasoning that its parser let through (VL4)',
  T68: 'it can be asked to force a call and to think at once',
  T71: trims,
}

const raw = (kind: RawKind): Speaker => ({
  name: `${kind}, raw`,
  enforces: true,
  start: (runs, { constrains }) => rawDoubled(kind, { runs: speakingOn(runs) }, { engine: { constrains } }),
  excused: {},
})

export const speakers: readonly Speaker[] = [
  // SGLang's raw wire is vLLM's but for the grammar's name; its rows are in raw-engines.test.ts.
  raw('vllm'),
  raw('llama-server'),
  chat('sglang', templated),
  chat('vllm', templated),
  chat('llama-server', templated),
  chat('deepseek'),
  chat('openai', { T68: 'nobody can switch off the thinking of a server of which nothing is known', T71: trims }),
]
