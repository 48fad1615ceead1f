import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Tenant } from '../../../../server/src/http/admin/contract.ts'
import { Switch, TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { LimitFields } from '../../components/limit-fields.tsx'
import { say } from '../../components/notices.tsx'
import { call } from '../../lib/api.ts'
import { formOf, limitsOf } from '../../lib/limits.ts'
import { refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'

export function EditTenant({ tenant, onClose }: { readonly tenant: Tenant; readonly onClose: () => void }) {
  const t = useMessages()
  const [form, setForm] = useState({
    name: tenant.name,
    prepaid: tenant.account.prepaid,
    limits: formOf(tenant.limits),
  })
  const change = useMutation({
    mutationFn: () => {
      const { userConcurrency: _, ...limits } = limitsOf(form.limits)
      return call('PATCH /admin/tenants/{tenant}', {
        params: { tenant: tenant.id },
        body: { name: form.name.trim(), prepaid: form.prepaid, limits },
      })
    },
    onSuccess: async () => {
      await refresh('GET /admin/tenants', 'GET /admin/tenants/{tenant}')
      say(t.common.saved)
      onClose()
    },
  })
  return (
    <FormDialog
      place="side"
      title={t.tenants.editTitle(tenant.name)}
      action={t.common.save}
      doing={change}
      onClose={onClose}
    >
      <TextField
        label={t.common.name}
        required
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
          currency={tenant.account.currency}
          error={change.error}
          onChange={(limits) => setForm({ ...form, limits })}
        />
      </section>
    </FormDialog>
  )
}
