import { type Double, doublesOf } from './double.ts'
import { deepseekRows } from './rows/deepseek.ts'
import { llamaServerRows } from './rows/llama-server.ts'
import { openaiRows } from './rows/openai.ts'
import { sglangRows } from './rows/sglang.ts'
import { vllmRows } from './rows/vllm.ts'
import { voices } from './voices.ts'

/** One server of each kind that does what its documents say. */
const behaving: readonly Double[] = Object.values(voices).map((voice) =>
  doublesOf(voice)(voice.kind, 'as documented', {}),
)

/** All fake servers, by the rows of contract section 17. */
export const doubles: readonly Double[] = [
  ...behaving,
  ...sglangRows,
  ...vllmRows,
  ...llamaServerRows,
  ...deepseekRows,
  ...openaiRows,
]
