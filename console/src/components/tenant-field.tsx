import { useQuery } from '@tanstack/react-query'
import { asking } from '../lib/query.ts'
import { useMessages } from '../messages/messages.ts'
import { SelectField } from './field.tsx'

interface Props {
  readonly hint?: string
  readonly label?: string
  readonly value: string
  readonly onChange: (tenant: string) => void
  /** A first choice that stands for no tenant. */
  readonly none?: string
}

export function TenantField({ hint, label, value, onChange, none }: Props) {
  const t = useMessages()
  const tenants = useQuery(asking('GET /admin/tenants', { query: { limit: 200 } })).data?.items ?? []
  const ids = [
    ...new Set([...(none === undefined && value !== '' ? [value] : []), ...tenants.map(({ id }) => id)]),
  ].sort()
  return (
    <SelectField
      label={label ?? t.common.tenant}
      hint={hint}
      value={value}
      options={[
        ...(none === undefined ? [] : [{ value: '', label: none }]),
        ...ids.map((id) => ({ value: id, label: id })),
      ]}
      onChange={onChange}
    />
  )
}
