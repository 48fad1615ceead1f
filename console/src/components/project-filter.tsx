import { useProjects } from '../lib/projects.ts'
import { useIsAdministrator } from '../lib/session.ts'
import { useMessages } from '../messages/messages.ts'
import { Select } from './field.tsx'

interface Props {
  /** Only projects of this one are offered. */
  readonly tenant: string | undefined
  readonly value: string
  readonly onChange: (project: string) => void
}

/** Where there are no projects, there is nothing to choose. */
export function ProjectFilter({ tenant, value, onChange }: Props) {
  const t = useMessages()
  const administrator = useIsAdministrator()
  const projects = useProjects(tenant)
  if (projects.length === 0 && value === '') return null
  // Two tenants may have a project of the same name.
  const names = projects.map(({ id, name, tenant: of, archivedAt }) => ({
    value: id,
    label: [name, ...(administrator && !tenant ? [of] : []), ...(archivedAt ? [t.projects.archived] : [])].join(' · '),
  }))
  const isKnown = value === '' || names.some((one) => one.value === value)
  return (
    <Select
      label={t.common.project}
      value={value}
      options={[
        { value: '', label: `${t.common.project}: ${t.common.all}` },
        ...names,
        ...(isKnown ? [] : [{ value, label: value }]),
      ]}
      onChange={onChange}
      className="sm:max-w-60"
    />
  )
}
