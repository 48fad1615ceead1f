import { RotateCcw, TriangleAlert } from 'lucide-react'
import { ApiError } from '../lib/api.ts'
import type { Messages } from '../messages/en.ts'
import { useMessages } from '../messages/messages.ts'
import { Button } from './button.tsx'

export function textOf(error: Error, t: Messages): string {
  if (!(error instanceof ApiError)) return error.message
  if (error.code === 'unreachable') return t.errors.unreachable
  if (error.code === 'timeout') return t.errors.timeout
  return error.message
}

/** What went wrong, in a line below what was tried. */
export function Failure({ error }: { readonly error: Error }) {
  const t = useMessages()
  return (
    <p role="alert" className="mt-3 flex gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
      <TriangleAlert aria-hidden size={15} className="mt-0.5 shrink-0" />
      <span className="min-w-0 break-words">{textOf(error, t)}</span>
    </p>
  )
}

/** In the place of what could not be loaded. */
export function FailurePanel({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const t = useMessages()
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <TriangleAlert aria-hidden size={20} className="text-bad" />
      <div>
        <p className="font-medium">{t.errors.title}</p>
        <p className="mt-1 max-w-96 text-muted">{textOf(error, t)}</p>
      </div>
      <Button icon={RotateCcw} onClick={onRetry}>
        {t.common.retry}
      </Button>
    </div>
  )
}
