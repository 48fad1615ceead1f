import { deepseek } from './deepseek.ts'
import { llamaServer } from './llama-server.ts'
import { openai } from './openai.ts'
import type { Wire } from './openai-wire/wire.ts'
import { sglang } from './sglang.ts'
import { tidegate } from './tidegate.ts'
import { vllm } from './vllm.ts'

/** The kinds of engines behind HTTP, by the name that the configuration gives them: one row of differences each. */
export const remoteKinds = {
  deepseek,
  openai,
  sglang,
  vllm,
  'llama-server': llamaServer,
  tidegate,
} as const satisfies Record<string, Wire>

export type RemoteKind = keyof typeof remoteKinds
