import { Link, useRouter } from '@tanstack/react-router'
import { Compass, RotateCcw } from 'lucide-react'
import { Button, buttonClass } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { FailurePanel } from '../components/failure.tsx'
import { ApiError } from '../lib/api.ts'
import { useMessages } from '../messages/messages.ts'

/** In the place of a page that could not be shown. */
export function Broken({ error }: { readonly error: unknown }) {
  const t = useMessages()
  const router = useRouter()
  if (error instanceof ApiError) return <FailurePanel error={error} onRetry={() => void router.invalidate()} />
  return (
    <main>
      <Empty icon={RotateCcw} title={t.errors.crashed} hint={error instanceof Error ? error.message : String(error)}>
        <Button onClick={() => location.reload()}>{t.errors.reload}</Button>
      </Empty>
    </main>
  )
}

export function NotFound() {
  const t = useMessages()
  return (
    <main>
      <Empty icon={Compass} title={t.errors.notFound} hint={t.errors.notFoundHint}>
        <Link to="/" className={buttonClass()}>
          {t.errors.home}
        </Link>
      </Empty>
    </main>
  )
}

/** A page that is on its way; what it asks for has a time-out of its own. */
export function Waiting() {
  const t = useMessages()
  return <div role="status" aria-label={t.common.loading} className="pulse m-8 h-5 w-40 rounded-sm bg-hover" />
}
