import { readFileSync } from 'node:fs'
import type { TokenLogprob } from '../src/completion/event.ts'
import { ServeError } from '../src/completion/failure.ts'
import type {
  Generation,
  GenerationCall,
  GenerationEvent,
  ModelFacts,
  TokenEngine,
} from '../src/engines/token-engine.ts'
import { generating } from './generating.ts'

/** What the engine says in one run. In `raw`, `·` is a token border; an empty token is a part of a character that is not whole yet. */
export interface ScriptedRun {
  readonly raw: string
  /**
   * How the run ends after its last token: by `stop` (default) or `length`; `lost` is the death of the engine, `stall` says nothing
   * until the run is cancelled, `silent` ends without an end.
   */
  readonly ends?: 'stop' | 'length' | 'lost' | 'stall' | 'silent'
  /** Pause before each token. */
  readonly delayMs?: number
}
export type Script = string | ScriptedRun

/** One run as the engine saw it. */
interface RunRecord {
  readonly generation: Generation
  readonly call: GenerationCall
  /** Tokens that were handed out. */
  tokens: number
  /** The run was aborted before its end. `cancelledAt`: `performance.now()` of the abort. */
  cancelled: boolean
  cancelledAt?: number
  over: boolean
}

export interface ScriptedEngine extends TokenEngine {
  readonly facts: ModelFacts
  readonly runs: readonly RunRecord[]
  /** The generations asked for, in order. */
  readonly got: readonly Generation[]
}

export interface ScriptedEngineOptions {
  readonly id?: string
  /** One script a run, the last of them repeated; or what to say to a generation. */
  readonly runs: readonly Script[] | ((generation: Generation, index: number) => Script)
  /** The double claims to enforce constraints; what it says is the script all the same. */
  readonly constrains?: boolean
  readonly facts?: Partial<ModelFacts>
  readonly slots?: number
  /** It tells which tokens it writes: by their length. */
  readonly namesTokens?: boolean
  readonly ready?: () => boolean
}

const demoTemplate = readFileSync(new URL('../../models/demo/template.jinja', import.meta.url), 'utf8')

const controlTokens = ['<｜begin▁of▁sentence｜>', '<｜end▁of▁sentence｜>', '<｜User｜>', '<｜Assistant｜>']

/** A small model that speaks with DeepSeek V4's tokens. */
export const scriptedFacts: ModelFacts = {
  contextWindow: 4096,
  chatTemplate: demoTemplate,
  bosToken: '<｜begin▁of▁sentence｜>',
  eosToken: '<｜end▁of▁sentence｜>',
  specialTokens: [...controlTokens, '<think>', '</think>', '｜DSML｜'],
  controlTokens,
  constrains: false,
  logprobs: true,
  digest: '0123456789abcdef',
}

/** A token of the double's prompts is so many UTF-16 units. */
const unitsPerToken = 4
const tokensOf = (prompt: readonly string[]): number => Math.ceil(prompt.join('').length / unitsPerToken)

/** A token engine that says what it is told to, token by token, and remembers what it was asked. */
export function scriptedEngine(options: ScriptedEngineOptions): ScriptedEngine {
  const facts: ModelFacts = { ...scriptedFacts, constrains: options.constrains ?? false, ...options.facts }
  const runs: RunRecord[] = []
  /** The last prompt of each namespace: what a new one can reuse. */
  const cached = new Map<string, string>()
  const scriptFor = (generation: Generation, index: number): ScriptedRun => {
    const script =
      typeof options.runs === 'function'
        ? options.runs(generation, index)
        : options.runs.at(Math.min(index, options.runs.length - 1))
    return typeof script === 'string' ? { raw: script } : (script ?? { raw: '' })
  }

  async function* generate(generation: Generation, call: GenerationCall): AsyncIterable<GenerationEvent> {
    const record: RunRecord = { generation, call, tokens: 0, cancelled: false, over: false }
    const script = scriptFor(generation, runs.length)
    runs.push(record)
    const onAbort = () => {
      if (record.over) return
      record.cancelled = true
      record.cancelledAt = performance.now()
    }
    if (call.signal.aborted) onAbort()
    call.signal.addEventListener('abort', onAbort)
    try {
      yield startedEvent(generation, call.namespace)
      const tokens = script.raw === '' ? [] : script.raw.split('·')
      for (const text of tokens) {
        if (record.tokens >= generation.maxTokens) {
          record.over = true
          return yield { type: 'ended', reason: 'length' }
        }
        await pause(script.delayMs, call.signal)
        record.tokens++
        const logprobs = generation.logprobs && [logprobOf(text, generation.logprobs.top)]
        yield {
          ...{ type: 'text', text, tokens: 1 },
          ...(logprobs && { logprobs }),
          ...(options.namesTokens && { token: text.length }),
        }
      }
      await pause(0, call.signal)
      const ends = script.ends ?? (record.tokens >= generation.maxTokens ? 'length' : 'stop')
      if (ends === 'lost') throw new ServeError({ code: 'engine-lost', message: 'The engine went away.' })
      if (ends === 'stall') await abortOf(call.signal)
      record.over = true
      if (ends === 'stop' || ends === 'length') yield { type: 'ended', reason: ends }
    } finally {
      record.over = true
      call.signal.removeEventListener('abort', onAbort)
    }
  }

  function startedEvent(generation: Generation, namespace: string): GenerationEvent {
    const prompt = generation.prompt.join('')
    const promptTokens = tokensOf(generation.prompt)
    if (promptTokens >= facts.contextWindow) {
      throw new ServeError({
        code: 'context-too-long',
        message: `This model's maximum context length is ${facts.contextWindow} tokens. Your messages have ${promptTokens} tokens. Please shorten the messages.`,
        param: 'messages',
      })
    }
    const before = cached.get(namespace) ?? ''
    let common = 0
    while (common < before.length && before[common] === prompt[common]) common++
    cached.set(namespace, prompt)
    const cachedTokens = Math.min(Math.floor(common / unitsPerToken), promptTokens - 1)
    return { type: 'started', promptTokens, cachedTokens }
  }

  return {
    id: options.id ?? 'scripted',
    facts,
    slots: options.slots ?? 8,
    ready: options.ready ?? (() => true),
    generate: generating(generate),
    count: async (prompt) => tokensOf(prompt),
    close: async () => undefined,
    runs,
    get got() {
      return runs.map((run) => run.generation)
    },
  }
}

function logprobOf(token: string, top: number): TokenLogprob {
  const one = { token, bytes: [...Buffer.from(token)], logprob: -0.5 }
  return { ...one, top: Array.from({ length: top }, (_, i) => ({ ...one, logprob: -0.5 - i })) }
}

const cancelled = () => new ServeError({ code: 'cancelled', message: 'The caller went away.' })

/** Lets others run, for `ms` at least. @throws ServeError cancelled */
async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw cancelled()
  if (!ms) return
  await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), abortOf(signal)])
}

const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(cancelled())
    signal.addEventListener('abort', () => reject(cancelled()), { once: true })
  })
