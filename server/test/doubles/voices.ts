import type { RemoteKind } from '../../src/engines/kinds.ts'
import type { Voice } from './voice.ts'
import { deepseek } from './voices/deepseek.ts'
import { llamaServer } from './voices/llama-server.ts'
import { openai } from './voices/openai.ts'
import { sglang } from './voices/sglang.ts'
import { tidegate } from './voices/tidegate.ts'
import { vllm } from './voices/vllm.ts'

/** How each kind of server writes an answer down. */
export const voices: Readonly<Record<RemoteKind, Voice>> = {
  sglang,
  vllm,
  'llama-server': llamaServer,
  deepseek,
  openai,
  tidegate,
}
