import type { Layer } from '../completion/serve.ts'
import type { ReasoningMemory } from '../tenancy/reasoning-memory.ts'

/**
 * Restores the reasoning of earlier turns for clients that drop it, and keeps that of a turn which ends in tool calls, where the
 * model needs it again (contract C37–C39). A memory that fails costs nobody an answer; `onDefect` hears of it.
 */
export const remember =
  (memory: ReasoningMemory, onDefect: (error: unknown, callId: string) => void): Layer =>
  (next) =>
    async function* (request, call) {
      let reasoning = ''
      let firstCall: string | undefined
      const noticed = (error: unknown): undefined => {
        onDefect(error, call.id)
      }
      const messages = (await memory.restore(call, request.messages).catch(noticed)) ?? request.messages
      for await (const event of next({ ...request, messages }, call)) {
        if (event.type === 'reasoning') reasoning += event.text
        else if (event.type === 'tool-call') firstCall ??= event.call.id
        // Kept before the client sees the end, so that its next request finds it.
        else if (event.type === 'finished' && firstCall)
          await memory.remember(call, firstCall, reasoning).catch(noticed)
        yield event
      }
    }
