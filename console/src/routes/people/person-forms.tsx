import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Person } from '../../../../server/src/http/admin/contract.ts'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { say } from '../../components/notices.tsx'
import { call } from '../../lib/api.ts'
import { newPassword } from '../../lib/password.ts'
import { refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'
import { type Role, RoleFields, roleOf } from './role-fields.tsx'

interface PersonFormProps {
  readonly title: string
  readonly action: string
  readonly run: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ReactNode
}

function PersonForm({ title, action, run, onClose, children }: PersonFormProps) {
  const t = useMessages()
  const doing = useMutation({
    mutationFn: run,
    onSuccess: async () => {
      await refresh('GET /admin/people')
      say(t.common.saved)
      onClose()
    },
  })
  return (
    <FormDialog title={title} action={action} doing={doing} onClose={onClose}>
      {children}
    </FormDialog>
  )
}

export function AddPerson({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>({ role: 'member', tenant: 'default' })
  return (
    <PersonForm
      title={t.people.createTitle}
      action={t.people.create}
      run={() => call('POST /admin/people', { body: { name: name.trim(), password, ...roleOf(role) } })}
      onClose={onClose}
    >
      <TextField
        label={t.signIn.name}
        required
        autoCapitalize="none"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <PasswordField value={password} onChange={setPassword} />
      <RoleFields value={role} onChange={setRole} />
    </PersonForm>
  )
}

export function ResetPassword({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const t = useMessages()
  const [password, setPassword] = useState('')
  return (
    <PersonForm
      title={t.people.resetTitle(person.name)}
      action={t.common.save}
      run={() => call('PUT /admin/people/{id}/password', { params: { id: person.id }, body: { password } })}
      onClose={onClose}
    >
      <PasswordField value={password} onChange={setPassword} />
      <p className="text-muted">{t.people.sessionsEnd}</p>
    </PersonForm>
  )
}

export function ChangeRole({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const t = useMessages()
  const [role, setRole] = useState<Role>({ role: person.role, tenant: person.tenant ?? 'default' })
  return (
    <PersonForm
      title={t.people.changeRoleTitle(person.name)}
      action={t.common.save}
      run={() => call('PATCH /admin/people/{id}', { params: { id: person.id }, body: roleOf(role) })}
      onClose={onClose}
    >
      <RoleFields value={role} onChange={setRole} />
      <p className="text-muted">{t.people.sessionsEnd}</p>
    </PersonForm>
  )
}

/** In the clear: it is for somebody else, who has to be told. */
function PasswordField({ value, onChange }: { readonly value: string; readonly onChange: (password: string) => void }) {
  const t = useMessages()
  return (
    <div>
      <TextField
        label={t.people.password}
        hint={t.people.passwordHint}
        required
        minLength={12}
        spellCheck={false}
        autoCapitalize="none"
        className="[&_input]:font-mono"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <div className="mt-2 flex gap-2">
        <Button small onClick={() => onChange(newPassword())}>
          {t.people.generate}
        </Button>
        {value !== '' && <CopyButton text={value} label={t.people.password} />}
      </div>
    </div>
  )
}
