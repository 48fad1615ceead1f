import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Project } from '../../../server/src/http/admin/contract.ts'
import { asking } from './query.ts'

/** @param tenant whose they are; undefined: of all that may be seen */
export function useProjects(tenant?: string): readonly Project[] {
  return (
    useQuery(asking('GET /admin/projects', { query: { limit: 200, ...(tenant && { tenant }) } })).data?.items ?? none
  )
}
const none: readonly Project[] = []

/** @returns what a project is called, by its id; the id where nobody knows */
export function useProjectName(): (id: string) => string {
  const projects = useProjects()
  return useCallback((id) => projects.find((one) => one.id === id)?.name ?? id, [projects])
}
