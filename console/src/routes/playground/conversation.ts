import { useEffect, useRef, useState } from 'react'
import { type AskSettings, bodyOf, defaultSettings } from '../../lib/ask.ts'
import { emptyAnswer, messagesOf, type Turn } from '../../lib/chat.ts'
import { refresh } from '../../lib/query.ts'
import { streamAnswer } from '../../lib/stream-answer.ts'

/** Outlives a look at another page; a reload begins anew. */
let kept: { settings: AskSettings; turns: readonly Turn[] } = { settings: defaultSettings, turns: [] }

export interface Conversation {
  readonly settings: AskSettings
  readonly turns: readonly Turn[]
  readonly answering: boolean
  /** The request as it would go out now. */
  readonly body: Record<string, unknown>
  readonly change: (settings: Partial<AskSettings>) => void
  readonly setTurns: (turns: readonly Turn[]) => void
  /** Asks with what there is; `settings` for what was changed in the same moment. */
  readonly ask: (turns: readonly Turn[], settings?: AskSettings) => void
  readonly stop: () => void
}

export function useConversation(model: string | undefined, tenant: string | null): Conversation {
  const [state, setState] = useState(kept)
  const [running, setRunning] = useState<AbortController | null>(null)
  const settings = state.settings.model === '' && model ? { ...state.settings, model } : state.settings
  kept = state

  const stop = () => running?.abort()
  const latest = useRef(stop)
  latest.current = stop
  useEffect(() => () => latest.current(), [])

  const ask = (turns: readonly Turn[], asked: AskSettings = settings) => {
    const controller = new AbortController()
    setRunning(controller)
    setState({ settings: asked, turns: [...turns, emptyAnswer] })
    void streamAnswer({
      body: bodyOf(asked, messagesOf(asked.system, turns)),
      tenant,
      signal: controller.signal,
      onGrow: (answer) => {
        kept = { ...kept, turns: [...turns, answer] }
        setState((before) => ({ ...before, turns: [...turns, answer] }))
      },
    }).finally(() => {
      setRunning(null)
      void refresh('GET /admin/requests', 'GET /admin/usage', 'GET /admin/overview')
    })
  }
  return {
    settings,
    turns: state.turns,
    answering: running !== null,
    body: bodyOf(settings, messagesOf(settings.system, state.turns)),
    change: (change) => setState((before) => ({ ...before, settings: { ...settings, ...change } })),
    setTurns: (turns) => setState((before) => ({ ...before, turns })),
    ask,
    stop,
  }
}
