import { useEffect, useState } from 'react'
import type { QueryOf, RequestLine } from '../../../../server/src/http/admin/contract.ts'
import { call } from '../../lib/api.ts'

const everyMs = 2_000
/** More than this are not kept: whoever wants older ones turns pages. */
const keptMax = 500

/** What came since the page was opened, newest first. It asks only while somebody looks, and one question at a time. */
export function useNewRequests(query: QueryOf<'GET /admin/requests'>, live: boolean): readonly RequestLine[] {
  const [fresh, setFresh] = useState<{ of: typeof query; lines: readonly RequestLine[]; newest: string | null }>()
  const mine = fresh?.of === query ? fresh : undefined

  useEffect(() => {
    if (!live) return
    const gone = new AbortController()
    let newest: string | null = null
    let lines: readonly RequestLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      try {
        if (!document.hidden) {
          const after = newest
          const answer = await call('GET /admin/requests', {
            query: { ...query, limit: after === null ? 1 : 200, ...(after !== null && { after }) },
            signal: gone.signal,
          })
          newest = answer.newest ?? newest
          if (after !== null && answer.items.length > 0) lines = [...answer.items, ...lines].slice(0, keptMax)
          // The first question says where to follow from. On an empty log its answer is all there is.
          if (after === null && lines.length === 0) lines = answer.items
          setFresh({ of: query, lines, newest })
        }
      } catch {
        // The list itself says what is wrong.
      }
      if (!gone.signal.aborted) timer = setTimeout(look, everyMs)
    }
    void look()
    return () => {
      gone.abort()
      clearTimeout(timer)
    }
  }, [query, live])
  return mine?.lines ?? []
}
