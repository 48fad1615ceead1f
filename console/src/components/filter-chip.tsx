import { X } from 'lucide-react'
import { useMessages } from '../messages/messages.ts'

/** A filter that came by a link, such as one key: a click takes it away. */
export function FilterChip({
  name,
  value,
  onClear,
}: {
  readonly name: string
  readonly value: string
  readonly onClear: () => void
}) {
  const t = useMessages()
  return (
    <button
      type="button"
      onClick={onClear}
      title={t.common.clear}
      className="inline-flex h-8 max-w-full items-center gap-1.5 rounded-md bg-accent-soft px-2.5 text-accent"
    >
      <span className="truncate">
        {name}: <span className="font-medium">{value}</span>
      </span>
      <X aria-label={t.common.clear} size={13} className="shrink-0" />
    </button>
  )
}
