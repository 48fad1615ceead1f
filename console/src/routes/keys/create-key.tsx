import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Snippets } from '../../components/code.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { SelectField } from '../../components/field.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { TenantField } from '../../components/tenant-field.tsx'
import { call } from '../../lib/api.ts'
import { useFirstModel } from '../../lib/models.ts'
import { useBaseUrl } from '../../lib/overview.ts'
import { asking, refresh } from '../../lib/query.ts'
import { useMe } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { KeyFields, newKey, settingsOf } from './key-form.tsx'

export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages()
  const me = useMe()
  const [form, setForm] = useState(newKey)
  const [tenant, setTenant] = useState(me.tenant ?? 'default')
  const [project, setProject] = useState('')
  const projects = useQuery(asking('GET /admin/projects', { query: { tenant, archived: false, limit: 200 } })).data
  const create = useMutation({
    mutationFn: () => call('POST /admin/keys', { body: { ...settingsOf(form), tenant, ...(project && { project }) } }),
    onSuccess: () => refresh('GET /admin/keys', 'GET /admin/tenants'),
  })
  if (create.data) return <KeyMade secret={create.data.secret} name={create.data.key.name} onClose={onClose} />

  return (
    <FormDialog title={t.keys.createTitle} action={t.keys.create} doing={create} onClose={onClose}>
      {me.tenant === null && (
        <TenantField
          hint={t.keys.tenantHint}
          value={tenant}
          onChange={(next) => {
            setTenant(next)
            setProject('')
          }}
        />
      )}
      {projects && projects.items.length > 0 && (
        <SelectField
          label={t.common.project}
          hint={t.keys.projectHint}
          value={project}
          options={[
            { value: '', label: t.common.none },
            ...projects.items.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setProject}
        />
      )}
      <KeyFields form={form} onChange={setForm} error={create.error} />
    </FormDialog>
  )
}

/** The secret, this once: no click beside the dialog loses it. */
function KeyMade({
  secret,
  name,
  onClose,
}: {
  readonly secret: string
  readonly name: string
  readonly onClose: () => void
}) {
  const t = useMessages()
  const baseUrl = useBaseUrl()
  const model = useFirstModel() ?? 'deepseek-v4-flash'
  const body = { model, messages: [{ role: 'user', content: 'Hello!' }] }
  return (
    <Dialog
      title={`${t.keys.madeTitle}: ${name}`}
      wide
      sticky
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          {t.keys.done}
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <div>
          <p className="mb-2 text-muted">{t.keys.made}</p>
          <div className="flex flex-wrap items-center gap-2 rounded-md border border-accent bg-accent-soft p-2 pl-3">
            <output aria-label={t.keys.secret} className="min-w-0 flex-1 font-mono break-all select-all">
              {secret}
            </output>
            <CopyButton text={secret} look="primary" />
          </div>
        </div>
        <div>
          <h3 className="mb-2 font-semibold">{t.keys.use}</h3>
          <Snippets request={{ baseUrl, key: secret, body }} />
        </div>
      </div>
    </Dialog>
  )
}
