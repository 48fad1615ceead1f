import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { asking } from './query.ts'

/** @returns what a project is called, by its id; the id where nobody knows */
export function useProjectName(): (id: string) => string {
  const projects = useQuery(asking('GET /admin/projects', { query: { limit: 200 } })).data
  return useCallback((id) => projects?.items.find((one) => one.id === id)?.name ?? id, [projects])
}
