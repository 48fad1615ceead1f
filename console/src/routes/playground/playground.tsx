import { useQuery } from '@tanstack/react-query'
import { Code as CodeIcon, MessageSquarePlus, SlidersHorizontal } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Snippets } from '../../components/code.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Select } from '../../components/field.tsx'
import { useFirstModel } from '../../lib/models.ts'
import { useBaseUrl } from '../../lib/overview.ts'
import { usePreference } from '../../lib/preferences.ts'
import { asking } from '../../lib/query.ts'
import { useMe } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { AskPanel } from './ask-panel.tsx'
import { Composer } from './composer.tsx'
import { useConversation } from './conversation.ts'
import { Examples } from './examples.tsx'
import { Turns } from './turns.tsx'

export function Playground() {
  const t = useMessages()
  const me = useMe()
  const tenant = usePreference('playgroundTenant')
  const chat = useConversation(useFirstModel(), me.tenant === null ? tenant : null)
  const [open, setOpen] = useState<'settings' | 'code' | null>(null)
  useEffect(() => {
    document.title = `${t.pages.playground} · ${t.app.name}`
  }, [t])

  return (
    <div className="flex min-h-[calc(100dvh-3rem)] lg:min-h-dvh">
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="sticky top-12 z-[5] flex min-h-14 flex-wrap items-center gap-2 border-b border-line bg-page px-4 py-2 md:px-6 lg:top-0">
          <h1 className="mr-2 text-lg font-semibold tracking-tight">{t.pages.playground}</h1>
          <ModelChoice value={chat.settings.model} onChange={(model) => chat.change({ model })} />
          <div className="ml-auto flex items-center gap-1">
            {chat.turns.length > 0 && (
              <Button look="quiet" icon={MessageSquarePlus} disabled={chat.answering} onClick={() => chat.setTurns([])}>
                {t.playground.clear}
              </Button>
            )}
            <Button look="quiet" icon={CodeIcon} onClick={() => setOpen('code')}>
              {t.playground.copyAs}
            </Button>
            <Button look="quiet" icon={SlidersHorizontal} className="xl:hidden" onClick={() => setOpen('settings')}>
              {t.playground.settings}
            </Button>
          </div>
        </div>
        <div className="mx-auto flex w-full max-w-3xl flex-1 flex-col px-4 md:px-6">
          <div className="flex flex-1 flex-col gap-6 py-6">
            {chat.turns.length === 0 ? <Examples chat={chat} /> : <Turns chat={chat} />}
            <End of={chat.turns} />
          </div>
          <Composer chat={chat} />
        </div>
      </div>
      <aside
        aria-label={t.playground.settings}
        className="sticky top-0 hidden h-dvh w-80 shrink-0 overflow-y-auto border-l border-line bg-surface px-4 py-4 xl:block"
      >
        <AskPanel chat={chat} />
      </aside>
      {open === 'settings' && (
        <Dialog title={t.playground.settings} place="side" onClose={() => setOpen(null)}>
          <AskPanel chat={chat} />
        </Dialog>
      )}
      {open === 'code' && <CodeDialog body={chat.body} onClose={() => setOpen(null)} />}
    </div>
  )
}

function ModelChoice({ value, onChange }: { readonly value: string; readonly onChange: (model: string) => void }) {
  const t = useMessages()
  const models = useQuery(asking('GET /admin/models', {})).data?.items ?? []
  const names = models.flatMap(({ id, aliases }) => [id, ...aliases.map(({ name }) => name)])
  return (
    <Select
      label={t.common.model}
      value={value}
      className="max-w-[min(16rem,60vw)] truncate font-mono text-sm"
      options={names.map((name) => ({ value: name, label: name }))}
      onChange={onChange}
    />
  )
}

function CodeDialog({ body, onClose }: { readonly body: Record<string, unknown>; readonly onClose: () => void }) {
  const t = useMessages()
  const baseUrl = useBaseUrl()
  const messages = body.messages as readonly object[]
  const whole = messages.length > 0 ? body : { ...body, messages: [{ role: 'user', content: 'Hello!' }] }
  return (
    <Dialog title={t.playground.codeTitle} wide onClose={onClose}>
      <p className="mb-3 text-muted">{t.playground.codeHint}</p>
      <Snippets tall request={{ baseUrl, key: '$TIDEGATE_API_KEY', body: whole }} />
    </Dialog>
  )
}

/** Stays in view while an answer grows, unless somebody scrolled up to read. */
function End({ of }: { readonly of: readonly unknown[] }) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const page = document.documentElement
    const fromEnd = page.scrollHeight - page.clientHeight - page.scrollTop
    if (of.length > 0 && fromEnd < 200) ref.current?.scrollIntoView({ block: 'end' })
  }, [of])
  return <div ref={ref} className="scroll-mb-56" />
}
