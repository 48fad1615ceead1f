import { useQuery } from '@tanstack/react-query'
import { asking } from './query.ts'

/** How the service is; looked at again while a page is open. */
export const useOverview = () => useQuery({ ...asking('GET /admin/overview', {}), refetchInterval: 10_000 })

/** Before the service has told its own: where this page came from. */
export function useBaseUrl(): string {
  return useOverview().data?.baseUrl ?? `${location.origin}/v1`
}

export const useCurrency = (): string => useOverview().data?.currency ?? 'USD'
