import { readFile } from 'node:fs/promises'
import { ServeError } from '../../completion/failure.ts'
import { openCredential } from '../credential.ts'
import { cued } from '../cued.ts'
import type { Engine } from '../engine.ts'
import { isObject, parsed } from '../openai-wire/chunk.ts'
import { createConnection } from '../openai-wire/connection.ts'
import type { ChatSurroundings } from '../openai-wire/engine.ts'
import type { Upstream } from '../openai-wire/wire.ts'
import { rawEngine } from '../raw/engine.ts'
import { askingOf, Refused } from './asking.ts'
import { remoteTokens } from './engine.ts'
import { type Learned, learn } from './learn.ts'
import { readTokenizerConfig, type TokenizerConfig } from './tokenizer-config.ts'
import type { RawWire } from './wire.ts'

/** What an operator can say of an engine's raw face. */
export interface RawOptions {
  /** A file: the Jinja template itself, or a `tokenizer_config.json` that has it. */
  readonly chatTemplate?: string
  /** Whether its grammars can be trusted with ours. */
  readonly constrains?: boolean
}

export interface RawSurroundings extends ChatSurroundings {
  readonly log: ChatSurroundings['log'] & { info(fields: object, message: string): void }
}

/** The way to an engine's raw face. */
export interface RawFace {
  /** Undefined while the face was not found. */
  readonly engine: Engine | undefined
  /** It was found, but its endpoint is not there. */
  readonly missing: boolean
  close(): Promise<void>
}

/** How long a start waits for an engine that may not be there. */
const firstLookMs = 5_000
const laterLookMs = 30_000
const lookAgainMs = { least: 2_000, most: 60_000 }

/**
 * Looks for an engine's raw face: now, and as long as nobody answers in the background. A server that answers something else has none.
 * @throws Error with one line for the operator when the configured template or key file cannot be read
 */
export async function rawFace(
  wire: RawWire,
  config: Upstream & RawOptions,
  { limits, log }: RawSurroundings,
): Promise<RawFace> {
  const { id, model, contextWindow, constrains, equivalence } = config
  const root = new URL(config.url)
  const told = {
    ...(await templateFile(config.chatTemplate)),
    model,
    contextWindow,
    ...(constrains !== undefined && { constrains }),
  }
  const connection = createConnection(openCredential(config))
  const asking = askingOf(connection, root)
  const state: { engine?: Engine; missing: boolean; timer?: NodeJS.Timeout; closed: boolean; waitMs: number } = {
    missing: false,
    closed: false,
    waitMs: lookAgainMs.least,
  }

  const found = (learned: Learned) => {
    const slots = Math.min(config.concurrency, learned.slots ?? Infinity)
    const tokens = remoteTokens({
      ...{ id, model, wire, root, connection, learned, slots },
      onFailure(failure) {
        if (!failure.elsewhere) log.warn({ engine: id, failure: failure.code }, 'an engine failed')
      },
      onRefusal(status) {
        log.warn({ engine: id, status }, 'an engine refused a request')
        state.missing ||= status === 404 || status === 405 || status === 501
      },
    })
    const made = rawEngine(cued(tokens), limits, equivalence)
    state.engine = { ...made, facts: { ...made.facts, maxOutput: Math.min(config.maxOutput, made.facts.maxOutput) } }
    log.info({ engine: id, contextWindow: made.facts.contextWindow, slots }, 'the raw face of an engine is used')
  }
  const look = async (ms: number): Promise<void> => {
    const learned = await learn(wire, asking, told, AbortSignal.timeout(ms)).catch((error: unknown) => {
      if (error instanceof Refused && !passes.has(error.refusal.status)) return `it answers ${error.refusal.status}`
      if (error instanceof Refused || error instanceof ServeError) return undefined
      throw error
    })
    if (state.closed) return
    if (learned === undefined) lookAgain()
    else if (typeof learned !== 'string') found(learned)
    else log.info({ engine: id, why: learned }, 'an engine has no raw face that can be used')
  }
  const lookAgain = () => {
    if (state.waitMs === lookAgainMs.least)
      log.warn({ engine: id }, 'an engine cannot be reached; its raw face is looked for later')
    state.timer = setTimeout(() => void look(laterLookMs), state.waitMs).unref()
    state.waitMs = Math.min(state.waitMs * 2, lookAgainMs.most)
  }
  await look(firstLookMs)
  return {
    get engine() {
      return state.engine
    },
    get missing() {
      return state.missing
    },
    async close() {
      state.closed = true
      clearTimeout(state.timer)
      connection.close()
    },
  }
}

/** Statuses of a server that loads its model or has too much to do, and of a proxy before one that is away. */
const passes: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/** @throws Error with one line for the operator */
async function templateFile(path: string | undefined): Promise<TokenizerConfig> {
  if (path === undefined) return {}
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`The chat template '${path}' cannot be read.`, { cause })
  })
  const json = path.endsWith('.json') ? parsed(text) : undefined
  const told = path.endsWith('.json') ? readTokenizerConfig(isObject(json) ? json : {}) : { chatTemplate: text }
  if (!told.chatTemplate?.trim()) throw new Error(`There is no chat template in '${path}'.`)
  return told
}
