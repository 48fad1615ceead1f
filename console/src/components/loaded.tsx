import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useMessages } from '../messages/messages.ts'
import { FailurePanel } from './failure.tsx'

interface Props<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  readonly children: (data: T) => ReactNode
  /** Lines of the placeholder. */
  readonly lines?: number
}

/** What was asked for, a placeholder until it comes, or why it does not: a question has an end (`lib/api.ts`), so nothing waits for ever. */
export function Loaded<T>({ query, children, lines = 5 }: Props<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <FailurePanel error={query.error} onRetry={() => void query.refetch()} />
  return <Skeleton lines={lines} />
}

function Skeleton({ lines }: { readonly lines: number }) {
  const t = useMessages()
  return (
    <div role="status" aria-label={t.common.loading} className="late flex flex-col gap-3 p-4">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={line} className="pulse h-4 rounded-sm bg-hover" style={{ width: `${92 - ((line * 23) % 45)}%` }} />
      ))}
    </div>
  )
}
