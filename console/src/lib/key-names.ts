import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { asking } from './query.ts'

/** What keys are called, by their ids, for pages that have only these. One that is not among the newest keeps its id. */
export function useKeyNames(wanted: boolean): (id: string) => string {
  const keys = useQuery({ ...asking('GET /admin/keys', { query: { limit: 200 } }), enabled: wanted })
  return useMemo(() => {
    const items = keys.data?.items ?? []
    const alike = Map.groupBy(items, ({ name }) => name)
    const names = new Map(
      items.map(({ id, name }) => [id, alike.get(name)?.length === 1 ? name : `${name} (…${id.slice(-4)})`]),
    )
    return (id: string) => names.get(id) ?? id
  }, [keys.data])
}
