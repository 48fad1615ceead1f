import { ArrowUp, Square } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { unreadable } from '../../lib/ask.ts'
import { waitsForResults } from '../../lib/chat.ts'
import { useMessages } from '../../messages/messages.ts'
import type { Conversation } from './conversation.ts'

export function Composer({ chat }: { readonly chat: Conversation }) {
  const t = useMessages()
  const [typed, setTyped] = useState('')
  const wrong = unreadable(chat.settings)
  const waits = waitsForResults(chat.turns.at(-1))
  const { answering, stop } = chat

  useEffect(() => {
    if (!answering) return
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) stop()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [answering, stop])

  const send = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() === '' || answering || wrong.length > 0 || waits) return
    chat.ask([...chat.turns, { role: 'user', text: typed }])
    setTyped('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) send(event)
  }
  return (
    <form onSubmit={send} className="sticky bottom-0 bg-page pt-1 pb-4">
      {wrong.length > 0 && (
        <p role="alert" className="mb-2 text-sm text-bad">
          {wrong.map((what) => t.playground.invalidJson(t.playground[what])).join(' ')}
        </p>
      )}
      <div className="flex items-end gap-2 rounded-lg border border-edge bg-surface p-2 shadow-lift focus-within:border-accent">
        <textarea
          aria-label={t.playground.message}
          placeholder={t.playground.placeholder}
          rows={1}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-60 min-h-8 min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 outline-none"
        />
        {answering ? (
          <Button icon={Square} onClick={stop}>
            {t.playground.stop}
          </Button>
        ) : (
          <Button
            type="submit"
            look="primary"
            icon={ArrowUp}
            disabled={typed.trim() === '' || wrong.length > 0 || waits}
          >
            {t.playground.send}
          </Button>
        )}
      </div>
      <p role="status" className="sr-only">
        {answering ? t.playground.answering : chat.turns.length > 0 ? t.playground.answered : ''}
      </p>
    </form>
  )
}
