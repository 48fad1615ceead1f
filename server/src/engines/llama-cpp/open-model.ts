import { stat } from 'node:fs/promises'
import {
  getLlama,
  InsufficientMemoryError,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
  readGgufFileInfo,
} from 'node-llama-cpp'
import type { ModelFacts } from '../token-engine.ts'
import { digestOf } from './gguf-file.ts'
import { nativeContext } from './native.ts'
import { BATCH_TOKENS } from './prefill-budget.ts'
import type { ModelOptions } from './protocol.ts'
import type { OpenModel } from './scheduler.ts'
import { SequencePool } from './sequences.ts'
import { defaultThreads } from './threads.ts'
import { Vocabulary } from './vocabulary.ts'

/** Used when the operator says nothing and the model was trained for more. */
const DEFAULT_CONTEXT = 8_192
const DEFAULT_SLOTS = 8
/** Up to this size of an attention head flash attention costs more than it saves: it halves the speed of a tiny model. */
const SMALL_HEAD = 32

/**
 * Less than this one thread computes a token of in some milliseconds. More of them are made anew for each batch, and wait for each other some
 * hundred times in it without giving their core away: where others need it, too, that took 14 ms instead of 0.5.
 */
const SMALL_MODEL_BYTES = 64 * 2 ** 20

/** The file cannot be served; the message is for the operator, on one line. */
export class RefusedModel extends Error {
  override readonly name = 'RefusedModel'
}

export interface Opened extends OpenModel {
  readonly facts: ModelFacts
  readonly slots: number
}

/**
 * Loads the weights and makes room for all slots.
 * @throws RefusedModel
 */
export async function openModel(
  options: ModelOptions,
  log: (level: 'warn' | 'error', text: string) => void,
): Promise<Opened> {
  const { path } = options
  const refuse = (why: string, cause?: unknown) => new RefusedModel(`The model ${path} ${why}`, { cause })
  const info = await readGgufFileInfo(path, {
    sourceType: 'filesystem',
    logWarnings: false,
    ignoreKeys: ['tokenizer.ggml.tokens', 'tokenizer.ggml.merges', 'tokenizer.ggml.scores'],
  }).catch((cause: unknown) => {
    throw refuse('cannot be read; its header may be damaged.', cause)
  })
  if ((info.infoEndOffset ?? 0) > (await stat(path)).size) throw refuse('is cut short: not even its header is whole.')
  const chatTemplate: unknown = info.metadata.tokenizer?.chat_template
  if (typeof chatTemplate !== 'string' || chatTemplate === '')
    throw refuse(
      'has no chat template, so nobody knows how to write its prompts. Take a chat ("instruct") version of it, or add the template to the file as `tokenizer.chat_template`.',
    )
  let lastError = ''
  const llama = await getLlama({
    gpu: options.gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    // 0 lifts the library's own limit; the context below says how many there are.
    maxThreads: 0,
    logLevel: LlamaLogLevel.warn,
    logger: (level, text) => {
      const isError = level === LlamaLogLevel.error || level === LlamaLogLevel.fatal
      if (isError) lastError = text.trim()
      log(isError ? 'error' : 'warn', text.trim())
    },
  })
  const model = await llama.loadModel({ modelPath: path }).catch((cause: unknown) => {
    if (cause instanceof InsufficientMemoryError) throw refuse('does not fit into memory.', cause)
    throw refuse(`cannot be loaded${lastError ? `: ${lastError.split('\n', 1)[0]}` : '.'}`, cause)
  })
  const { context, slots, contextWindow } = await makeContext(model, options, refuse, log)
  const vocabulary = new Vocabulary(model)
  const facts: ModelFacts = {
    contextWindow,
    chatTemplate,
    bosToken: model.tokens.bosString ?? '',
    eosToken: model.tokens.eosString ?? '',
    specialTokens: vocabulary.specialTokens,
    controlTokens: vocabulary.controlTokens,
    constrains: true,
    logprobs: true,
    digest: await digestOf(path),
  }
  const sequences = Array.from({ length: slots }, () =>
    context.getSequence({
      // We stop before the context is full. Should that ever fail, the answer fails; it is never cut in its beginning.
      contextShift: {
        strategy: () => {
          throw new Error('The context is full.')
        },
      },
      checkpoints: { max: 4 },
    }),
  )
  return {
    llama,
    model,
    native: nativeContext(context),
    threads: {
      writing: model.size < SMALL_MODEL_BYTES ? 1 : context.idealThreads,
      reading: context.idealThreads,
    },
    vocabulary,
    pool: new SequencePool(sequences),
    contextWindow,
    flashAttention: context.flashAttention !== false,
    facts,
    slots,
  }
}

async function makeContext(
  model: LlamaModel,
  options: ModelOptions,
  refuse: (why: string, cause?: unknown) => RefusedModel,
  log: (level: 'warn', text: string) => void,
): Promise<{ context: LlamaContext; slots: number; contextWindow: number }> {
  const contextWindow = options.contextSize ?? Math.min(model.trainContextSize, DEFAULT_CONTEXT)
  if (contextWindow > model.trainContextSize)
    log(
      'warn',
      `The context of ${contextWindow} tokens is more than the ${model.trainContextSize} the model was trained for.`,
    )
  for (let slots = options.slots ?? DEFAULT_SLOTS; ; slots = Math.floor(slots / 2))
    try {
      const context = await model.createContext({
        contextSize: contextWindow,
        sequences: slots,
        batchSize: BATCH_TOKENS,
        threads: options.threads ?? defaultThreads(),
        flashAttention: headSize(model) <= SMALL_HEAD ? false : 'auto',
        // The library would try again with a smaller context than the operator asked for.
        failedCreationRemedy: false,
      })
      return { context, slots, contextWindow }
    } catch (cause) {
      if (slots > 1 && options.slots === undefined) continue
      throw refuse(
        `was loaded, but a context of ${contextWindow} tokens for each of ${slots} slots does not fit into memory. Set a smaller context or fewer slots.`,
        cause,
      )
    }
}

/** Numbers in one attention head; infinite where the file does not say. */
function headSize(model: LlamaModel): number {
  const { attention, embedding_length: width } = model.fileInfo.architectureMetadata
  if (attention?.key_length) return attention.key_length
  return attention?.head_count && width ? width / attention.head_count : Number.POSITIVE_INFINITY
}
