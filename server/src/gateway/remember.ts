import { type Layer, layer } from '../completion/layer.ts'
import type { ReasoningMemory } from '../tenancy/reasoning-memory.ts'

/**
 * Restores the reasoning of earlier turns for clients that drop it, and keeps that of a turn which ends in tool calls, where the
 * model needs it again (contract C37–C39). A memory that fails costs nobody an answer; `onDefect` hears of it.
 */
export const remember = (memory: ReasoningMemory, onDefect: (error: unknown, callId: string) => void): Layer =>
  layer(async (request, call) => {
    let reasoning = ''
    let firstCall: string | undefined
    const noticed = (error: unknown): undefined => {
      onDefect(error, call.id)
    }
    const messages = (await memory.restore(call, request.messages).catch(noticed)) ?? request.messages
    return {
      ...(messages !== request.messages && { request: { ...request, messages } }),
      see(event) {
        if (event.type === 'reasoning') reasoning += event.text
        else if (event.type === 'tool-call') firstCall ??= event.call.id
      },
      async end(ending) {
        // Kept before the client sees the end, so that its next request finds it.
        if (ending.type === 'finished' && firstCall) await memory.remember(call, firstCall, reasoning).catch(noticed)
        return ending
      },
    }
  })
