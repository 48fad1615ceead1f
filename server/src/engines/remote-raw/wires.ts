import { llamaServer } from './llama-server.ts'
import { sglang } from './sglang.ts'
import { vllm } from './vllm.ts'
import type { RawWire } from './wire.ts'

/** The kinds of engines behind HTTP that have a raw face beside their chat face. */
export const rawWires: Readonly<Record<string, RawWire>> = { sglang, vllm, 'llama-server': llamaServer }
