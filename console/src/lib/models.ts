import { useQuery } from '@tanstack/react-query'
import { asking } from './query.ts'

/** The model that examples ask: the first that can answer. */
export function useFirstModel(): string | undefined {
  const models = useQuery(asking('GET /admin/models', {})).data?.items ?? []
  return (models.find(({ well }) => well) ?? models[0])?.id
}
