import type { Person } from '../../../../server/src/http/admin/contract.ts'
import { SelectField } from '../../components/field.tsx'
import { TenantField } from '../../components/tenant-field.tsx'
import { useMessages } from '../../messages/messages.ts'

export interface Role {
  readonly role: Person['role']
  readonly tenant: string
}

/** An administrator belongs to no tenant, a member to one. */
export const roleOf = ({ role, tenant }: Role): { role: Person['role']; tenant?: string } =>
  role === 'member' ? { role, tenant } : { role }

export function RoleFields({ value, onChange }: { readonly value: Role; readonly onChange: (role: Role) => void }) {
  const t = useMessages()
  return (
    <>
      <SelectField
        label={t.people.role}
        hint={t.people.roleHint}
        value={value.role}
        options={(['member', 'administrator'] as const).map((role) => ({ value: role, label: t.people.roles[role] }))}
        onChange={(role) => onChange({ ...value, role })}
      />
      {value.role === 'member' && (
        <TenantField value={value.tenant} onChange={(tenant) => onChange({ ...value, tenant })} />
      )}
    </>
  )
}
