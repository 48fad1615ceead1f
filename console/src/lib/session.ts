import { useQuery } from '@tanstack/react-query'
import type { Me } from '../../../server/src/http/admin/contract.ts'
import { asking, queryClient } from './query.ts'

export const sessionQuery = { ...asking('GET /admin/session', {}), staleTime: 60_000, gcTime: Number.POSITIVE_INFINITY }

/** Who is signed in. Every page behind the sign-in has it: the router asks before it shows one. */
export function useMe(): Me {
  const { data } = useQuery(sessionQuery)
  if (!data) throw new Error('Nobody is signed in.')
  return data
}

export const useIsAdministrator = (): boolean => useMe().role === 'administrator'

/** Nothing of one person is left for the next one. */
export function forgetSession(): void {
  queryClient.clear()
}
