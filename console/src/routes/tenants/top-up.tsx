import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Tenant } from '../../../../server/src/http/admin/contract.ts'
import { TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { say } from '../../components/notices.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'

export function TopUp({ tenant, onClose }: { readonly tenant: Tenant; readonly onClose: () => void }) {
  const t = useMessages()
  const { money } = useFormat()
  const [form, setForm] = useState({ amount: '', note: '' })
  const topUp = useMutation({
    mutationFn: () =>
      call('POST /admin/tenants/{tenant}/top-ups', {
        params: { tenant: tenant.id },
        body: { amount: form.amount.trim().replace(',', '.'), note: form.note.trim() },
      }),
    onSuccess: async ({ balance, currency }) => {
      await refresh('GET /admin/tenants', 'GET /admin/tenants/{tenant}', 'GET /admin/ledger')
      say(t.tenants.toppedUp(money(balance, currency)))
      onClose()
    },
  })
  return (
    <FormDialog title={t.tenants.topUpTitle(tenant.name)} action={t.tenants.topUp} doing={topUp} onClose={onClose}>
      <TextField
        label={t.tenants.amount}
        mark={tenant.account.currency}
        hint={t.tenants.amountHint}
        inputMode="decimal"
        required
        value={form.amount}
        onChange={(event) => setForm({ ...form, amount: event.target.value })}
      />
      <TextField
        label={t.tenants.note}
        mark={t.common.optional}
        hint={t.tenants.noteHint}
        maxLength={500}
        value={form.note}
        onChange={(event) => setForm({ ...form, note: event.target.value })}
      />
    </FormDialog>
  )
}
