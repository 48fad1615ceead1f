import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Project } from '../../../../server/src/http/admin/contract.ts'
import { Switch, TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { LimitFields } from '../../components/limit-fields.tsx'
import { say } from '../../components/notices.tsx'
import { ApiError, call } from '../../lib/api.ts'
import { formOf, limitsOf } from '../../lib/limits.ts'
import { refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'

interface Props {
  readonly tenant: string
  readonly currency: string
  readonly project: Project | 'new'
  readonly onClose: () => void
}

/** Makes a project, or changes one. */
export function EditProject({ tenant, currency, project, onClose }: Props) {
  const t = useMessages()
  const known = project === 'new' ? undefined : project
  const [form, setForm] = useState({
    name: known?.name ?? '',
    archived: Boolean(known?.archivedAt),
    limits: formOf(known?.limits ?? {}),
  })
  const save = useMutation({
    mutationFn: () => {
      const { userConcurrency: _, ...limits } = limitsOf(form.limits)
      const body = { name: form.name.trim(), limits }
      if (!known) return call('POST /admin/projects', { body: { ...body, tenant } })
      return call('PATCH /admin/projects/{id}', {
        params: { id: known.id },
        body: { ...body, archived: form.archived },
      })
    },
    onSuccess: async () => {
      await refresh('GET /admin/projects', 'GET /admin/keys', 'GET /admin/keys/{id}')
      say(t.common.saved)
      onClose()
    },
  })
  return (
    <FormDialog
      place="side"
      title={known ? t.projects.editTitle(known.name) : t.projects.createTitle}
      action={known ? t.common.save : t.common.create}
      doing={save}
      onClose={onClose}
    >
      <TextField
        label={t.common.name}
        error={save.error instanceof ApiError && save.error.param === 'name' ? save.error.message : undefined}
        required
        maxLength={128}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
      {known && (
        <Switch
          label={t.projects.archived}
          hint={t.projects.archivedHint}
          checked={form.archived}
          onChange={(archived) => setForm({ ...form, archived })}
        />
      )}
      <section className="flex flex-col gap-2">
        <h3 className="font-semibold">{t.projects.limits}</h3>
        <LimitFields
          ofTenant
          form={form.limits}
          currency={currency}
          error={save.error}
          onChange={(limits) => setForm({ ...form, limits })}
        />
      </section>
    </FormDialog>
  )
}
