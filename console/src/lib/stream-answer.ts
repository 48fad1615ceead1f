import { send } from './api.ts'
import { type Answer, emptyAnswer, grow, type Wire } from './chat.ts'
import { sseReader } from './sse.ts'

/** How long the API may be silent: its heartbeats come every few seconds. */
const silenceMs = 60_000

interface Asking {
  readonly body: Record<string, unknown>
  readonly tenant: string | null
  readonly signal: AbortSignal
  readonly onGrow: (answer: Answer) => void
}

/** Asks, and tells how the answer grows. It always ends: with the answer's end, an error as the API gave it, or the person's stop. */
export async function streamAnswer({ body, tenant, signal, onGrow }: Asking): Promise<void> {
  const began = performance.now()
  const sinceMs = () => Math.round(performance.now() - began)
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), silenceMs)
  let answer = emptyAnswer
  const tell = (next: Answer) => {
    answer = next
    onGrow(next)
  }
  try {
    const query = tenant === null ? {} : { tenant }
    const response = await send(
      'POST /admin/chat/completions',
      { query, body },
      AbortSignal.any([signal, silence.signal]),
    )
    answer = { ...answer, requestId: response.headers.get('x-request-id') }
    if (!response.ok || !response.body || !response.headers.get('content-type')?.includes('event-stream')) {
      const text = await response.text()
      const read = parsed(text)
      tell(
        response.ok
          ? grow(answer, read as Wire, sinceMs())
          : { ...answer, error: { status: response.status, body: read }, totalMs: sinceMs() },
      )
      return
    }
    const read = sseReader()
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMs)
      let next = answer
      for (const data of read(piece)) if (data !== '[DONE]') next = grow(next, parsed(data) as Wire, sinceMs())
      // One drawing for all that came together.
      if (next !== answer) tell(next)
    }
    if (answer.finish === null && !answer.error) tell({ ...answer, error: { status: 0, body: null } })
  } catch {
    if (signal.aborted) tell({ ...answer, stopped: true, totalMs: sinceMs() })
    else tell({ ...answer, error: { status: 0, body: null }, totalMs: sinceMs() })
  } finally {
    clearTimeout(timer)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { error: text }
  }
}
