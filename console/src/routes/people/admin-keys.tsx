import { useMutation, useQuery } from '@tanstack/react-query'
import { FileJson, Plus, Terminal } from 'lucide-react'
import { useState } from 'react'
import type { AdminKey } from '../../../../server/src/http/admin/contract.ts'
import { Status } from '../../components/badge.tsx'
import { Button, buttonClass } from '../../components/button.tsx'
import { Code } from '../../components/code.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Empty } from '../../components/empty.tsx'
import { TextField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { asking, refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'
import { type Role, RoleFields, roleOf } from './role-fields.tsx'

export function AdminKeys() {
  const t = useMessages()
  const keys = useQuery(asking('GET /admin/admin-keys', {}))
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<AdminKey | null>(null)
  const columns = useColumns(setRevoking)
  const revoke = async ({ id }: AdminKey) => {
    await call('POST /admin/admin-keys/{id}/revoke', { params: { id } })
    await refresh('GET /admin/admin-keys')
  }
  return (
    <Panel
      title={t.people.adminKeys}
      hint={t.people.adminKeysHint}
      actions={
        <>
          <a href="/admin/openapi.json" className={buttonClass('quiet', true)}>
            <FileJson aria-hidden size={14} />
            {t.people.openApi}
          </a>
          <Button small icon={Plus} onClick={() => setCreating(true)}>
            {t.people.createKey}
          </Button>
        </>
      }
    >
      <Loaded query={keys}>
        {({ items }) =>
          items.length > 0 ? (
            <Table caption={t.people.adminKeys} columns={columns} items={items} keyOf={({ id }) => id} />
          ) : (
            <Empty icon={Terminal} title={t.people.noKeys} hint={t.people.noKeysHint} />
          )
        }
      </Loaded>
      {creating && <CreateAdminKey onClose={() => setCreating(false)} />}
      {revoking && (
        <Confirm
          title={t.keys.revokeTitle(revoking.name)}
          text={t.people.revokeText}
          action={t.keys.revoke}
          run={() => revoke(revoking)}
          onClose={() => setRevoking(null)}
        />
      )}
    </Panel>
  )
}

function CreateAdminKey({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>({ role: 'administrator', tenant: 'default' })
  const create = useMutation({
    mutationFn: () => call('POST /admin/admin-keys', { body: { name: name.trim(), ...roleOf(role) } }),
    onSuccess: () => refresh('GET /admin/admin-keys'),
  })
  if (create.data) {
    const { secret } = create.data
    return (
      <Dialog
        title={t.keys.madeTitle}
        sticky
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            {t.keys.done}
          </Button>
        }
      >
        <p className="mb-2 text-muted">{t.keys.made}</p>
        <div className="mb-4 flex flex-wrap items-center gap-2 rounded-md border border-accent bg-accent-soft p-2 pl-3">
          <output aria-label={t.keys.secret} className="min-w-0 flex-1 font-mono break-all select-all">
            {secret}
          </output>
          <CopyButton text={secret} look="primary" />
        </div>
        <Code text={`curl ${location.origin}/admin/overview \\\n  -H 'Authorization: Bearer ${secret}'`} label="curl" />
      </Dialog>
    )
  }
  return (
    <FormDialog title={t.people.createKeyTitle} action={t.people.createKey} doing={create} onClose={onClose}>
      <TextField
        label={t.common.name}
        required
        maxLength={128}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <RoleFields value={role} onChange={setRole} />
    </FormDialog>
  )
}

function useColumns(onRevoke: (key: AdminKey) => void): readonly Column<AdminKey>[] {
  const t = useMessages()
  const { ago } = useFormat()
  return [
    {
      id: 'name',
      title: t.common.name,
      cell: ({ name, display }) => (
        <div>
          <p className="font-medium">{name}</p>
          <p className="font-mono text-xs text-faint">{display}</p>
        </div>
      ),
    },
    {
      id: 'role',
      title: t.people.role,
      from: 'sm',
      cell: ({ role, tenant }) => (
        <>
          {t.people.roles[role]} <span className="text-faint">· {tenant ?? t.people.allTenants}</span>
        </>
      ),
    },
    {
      id: 'status',
      title: t.common.status,
      cell: ({ revokedAt }) => (
        <Status tone={revokedAt ? 'calm' : 'good'}>
          {revokedAt ? t.keys.statuses.revoked : t.keys.statuses.active}
        </Status>
      ),
    },
    {
      id: 'used',
      title: t.common.lastUsed,
      right: true,
      from: 'md',
      cell: ({ lastUsedAt }) => (lastUsedAt ? ago(lastUsedAt) : <span className="text-faint">{t.common.never}</span>),
    },
    {
      id: 'revoke',
      title: t.keys.revoke,
      hideTitle: true,
      right: true,
      cell: (key) =>
        key.revokedAt === null && (
          <Button small look="quiet" onClick={() => onRevoke(key)}>
            {t.keys.revoke}
          </Button>
        ),
    },
  ]
}
