import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Switch, TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { LimitFields } from '../../components/limit-fields.tsx'
import { call } from '../../lib/api.ts'
import { formOf, limitsOf } from '../../lib/limits.ts'
import { useCurrency } from '../../lib/overview.ts'
import { refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'

export function CreateTenant({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages()
  const currency = useCurrency()
  const [form, setForm] = useState({ id: '', name: '', prepaid: false, limits: formOf({}) })
  const create = useMutation({
    mutationFn: () => {
      const { userConcurrency: _, ...limits } = limitsOf(form.limits)
      const name = form.name.trim()
      return call('POST /admin/tenants', {
        body: { id: form.id.trim(), prepaid: form.prepaid, limits, ...(name && { name }) },
      })
    },
    onSuccess: async () => {
      await refresh('GET /admin/tenants')
      onClose()
    },
  })
  return (
    <FormDialog title={t.tenants.createTitle} action={t.tenants.create} doing={create} onClose={onClose}>
      <TextField
        label={t.tenants.id}
        hint={t.tenants.idHint}
        required
        value={form.id}
        onChange={(event) => setForm({ ...form, id: event.target.value })}
      />
      <TextField
        label={t.common.name}
        mark={t.common.optional}
        hint={t.tenants.nameHint}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
      <Switch
        label={t.tenants.prepaid}
        hint={t.tenants.prepaidHint}
        checked={form.prepaid}
        onChange={(prepaid) => setForm({ ...form, prepaid })}
      />
      <section className="flex flex-col gap-2">
        <h3 className="font-semibold">{t.tenants.limits}</h3>
        <LimitFields
          ofTenant
          form={form.limits}
          currency={currency}
          error={create.error}
          onChange={(limits) => setForm({ ...form, limits })}
        />
      </section>
    </FormDialog>
  )
}
