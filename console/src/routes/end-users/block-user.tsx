import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { say } from '../../components/notices.tsx'
import { TenantField } from '../../components/tenant-field.tsx'
import { call } from '../../lib/api.ts'
import { refresh } from '../../lib/query.ts'
import { useMe } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'

/** Blocks a `user_id` that has not been seen yet. */
export function BlockUser({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages()
  const me = useMe()
  const [userId, setUserId] = useState('')
  const [tenant, setTenant] = useState(me.tenant ?? 'default')
  const block = useMutation({
    mutationFn: () =>
      call('PUT /admin/tenants/{tenant}/blocked-users/{userId}', { params: { tenant, userId: userId.trim() } }),
    onSuccess: async () => {
      await refresh('GET /admin/end-users')
      say(t.endUsers.blockedNow(userId.trim()))
      onClose()
    },
  })
  return (
    <FormDialog title={t.endUsers.blockSomeone} action={t.endUsers.block} look="danger" doing={block} onClose={onClose}>
      {me.tenant === null && <TenantField value={tenant} onChange={setTenant} />}
      <TextField
        label={t.endUsers.userId}
        hint={t.endUsers.userIdHint}
        required
        maxLength={512}
        value={userId}
        onChange={(event) => setUserId(event.target.value)}
      />
      <p className="text-muted">{t.endUsers.blockText}</p>
    </FormDialog>
  )
}
