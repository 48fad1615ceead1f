import { FlaskConical } from 'lucide-react'
import { useOverview } from '../../lib/overview.ts'
import { useMessages } from '../../messages/messages.ts'

/** A stand-in never poses as the real model. */
export function StandInBanner() {
  const t = useMessages()
  const standIns = useOverview().data?.standIns ?? []
  if (standIns.length === 0) return null
  return (
    <aside
      aria-label={standIns.map(({ model }) => model).join(', ')}
      className="border-b border-line bg-warn-soft px-4 py-2 md:px-8"
    >
      {standIns.map(({ model, standIn }) => (
        <p key={model} className="mx-auto flex max-w-[84rem] items-start gap-2 text-sm text-ink">
          <FlaskConical aria-hidden size={14} className="mt-0.5 shrink-0 text-warn" />
          <span>
            {t.app.standIn(model, standIn)} <span className="text-muted max-sm:hidden">{t.app.standInMore}</span>
          </span>
        </p>
      ))}
    </aside>
  )
}
