import { keepPreviousData, QueryClient, type QueryKey, queryOptions, useInfiniteQuery } from '@tanstack/react-query'
import type { AnswerOf, OperationName, QueryOf } from '../../../server/src/http/admin/contract.ts'
import { ApiError, call } from './api.ts'

/** One operation as a query. Its key is its name and what was given, so that what changed is found by the name's beginning. */
export const asking = <N extends OperationName>(name: N, given: Omit<Parameters<typeof call<N>>[1], 'signal'>) =>
  queryOptions({
    queryKey: [name, given] as QueryKey,
    queryFn: ({ signal }) => call<N>(name, { ...given, signal } as Parameters<typeof call<N>>[1]),
  })

/** A refusal does not get better by asking again; a network may. */
const worthAnotherTry = (failures: number, error: Error): boolean =>
  failures < 1 && error instanceof ApiError && (error.status >= 500 || error.code === 'unreachable')

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: worthAnotherTry, retryDelay: 800, staleTime: 5_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
})

/** What is shown of these operations is asked for again. */
export const refresh = (...names: OperationName[]): Promise<unknown> =>
  Promise.all(names.map((name) => queryClient.invalidateQueries({ queryKey: [name] })))

/** The operations whose answers are pages. */
export type PagedName = {
  [N in OperationName]: AnswerOf<N> extends { readonly items: readonly unknown[]; readonly next: string | null }
    ? N
    : never
}[OperationName]

type ItemOf<N extends PagedName> = AnswerOf<N> extends { readonly items: readonly (infer T)[] } ? T : never

/** A list, a page at a time; all its pages together as `data`. */
export function usePages<N extends PagedName>(name: N, query: Omit<QueryOf<N>, 'cursor'>) {
  return useInfiniteQuery({
    queryKey: [name, 'pages', query] as QueryKey,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const given = { query: { ...query, ...(pageParam !== undefined && { cursor: pageParam }) }, signal }
      return (await call<N>(name, given as never)) as unknown as { items: ItemOf<N>[]; next: string | null }
    },
    getNextPageParam: (last) => last.next ?? undefined,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    placeholderData: keepPreviousData,
  })
}
