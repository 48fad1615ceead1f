import type { Thinking } from '../../completion/request.ts'

/**
 * What chat templates read of thinking: DeepSeek's look for `thinking`, Qwen's and GLM's for `enable_thinking`. Always there, so that
 * no default of weights or engines matters (contract C33).
 */
export const thinkingInTemplate = ({ enabled, effort }: Thinking) => ({
  thinking: enabled,
  enable_thinking: enabled,
  ...(enabled && { reasoning_effort: effort }),
})
