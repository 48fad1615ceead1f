import { useMessages } from '../messages/messages.ts'
import { Button } from './button.tsx'
import { Failure } from './failure.tsx'

interface Pages {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly isFetchNextPageError: boolean
  readonly error: Error | null
  readonly fetchNextPage: () => Promise<unknown>
}

/** Below a list that goes on. */
export function LoadMore({ pages, label }: { readonly pages: Pages; readonly label?: string | undefined }) {
  const t = useMessages()
  if (!pages.hasNextPage) return null
  return (
    <div className="flex flex-col items-center gap-2 border-t border-line p-3">
      {pages.isFetchNextPageError && pages.error && <Failure error={pages.error} />}
      <Button look="quiet" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {label ?? t.common.more}
      </Button>
    </div>
  )
}
