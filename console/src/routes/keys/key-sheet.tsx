import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { ApiKey } from '../../../../server/src/http/admin/contract.ts'
import { Status } from '../../components/badge.tsx'
import { Button, buttonClass } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { LimitList } from '../../components/limit-list.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { say } from '../../components/notices.tsx'
import { Facts } from '../../components/panel.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { useCurrency } from '../../lib/overview.ts'
import { asking, refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'
import { formOfKey, KeyFields, settingsOf } from './key-form.tsx'
import { keyTones } from './keys.tsx'

export function KeySheet() {
  const t = useMessages()
  const navigate = useNavigate()
  const { id } = useParams({ from: '/inside/keys/$id' })
  const key = useQuery(asking('GET /admin/keys/{id}', { params: { id } }))
  const [open, setOpen] = useState<'edit' | 'revoke' | null>(null)
  const close = () => void navigate({ to: '/keys', search: (before) => before as object })
  if (open === 'edit' && key.data) return <EditKey apiKey={key.data} onClose={() => setOpen(null)} />
  if (open === 'revoke' && key.data) return <RevokeKey apiKey={key.data} onClose={() => setOpen(null)} />

  return (
    <Dialog
      place="side"
      title={key.data?.name ?? t.common.key}
      onClose={close}
      footer={
        key.data?.status !== 'revoked' && (
          <>
            <Button look="danger" onClick={() => setOpen('revoke')}>
              {t.keys.revoke}
            </Button>
            <Button onClick={() => setOpen('edit')}>{t.keys.edit}</Button>
          </>
        )
      }
    >
      <Loaded query={key}>{(data) => <KeyFacts apiKey={data} />}</Loaded>
    </Dialog>
  )
}

function KeyFacts({ apiKey: key }: { readonly apiKey: ApiKey }) {
  const t = useMessages()
  const currency = useCurrency()
  const { ago, moment, count, money } = useFormat()
  const when = (at: string | null) => {
    if (at === null) return t.common.never
    const [exactly, roughly] = [moment(at), ago(at)]
    return <time dateTime={at}>{exactly.startsWith(roughly) ? exactly : `${exactly} (${roughly})`}</time>
  }
  const { requests, tokens, cost } = key.last30Days
  return (
    <div className="flex flex-col gap-6">
      <Facts
        facts={[
          [
            t.common.status,
            <Status key="status" tone={keyTones[key.status]}>
              {t.keys.statuses[key.status]}
            </Status>,
          ],
          [
            t.common.key,
            <span key="key" className="font-mono">
              {key.display}
            </span>,
          ],
          [
            t.keys.id,
            <span key="id" className="inline-flex items-center gap-1 font-mono">
              {key.id}
              <CopyButton compact text={key.id} label={t.keys.id} />
            </span>,
          ],
          [t.common.tenant, key.tenant],
          key.project !== null && [
            t.common.project,
            <Link key="project" to="/keys" search={{ project: key.project.id }} className="text-accent hover:underline">
              {key.project.archived ? `${key.project.name} (${t.projects.archived})` : key.project.name}
            </Link>,
          ],
          [t.keys.scope, key.models?.join(', ') ?? t.keys.scopeAll],
          [t.common.created, when(key.createdAt)],
          [t.common.lastUsed, when(key.lastUsedAt)],
          [t.common.expires, when(key.expiresAt)],
          [t.keys.heartbeat, t.keys.heartbeats[key.heartbeat]],
        ]}
      />
      <section>
        <h3 className="mb-2 font-semibold">{t.keys.limits}</h3>
        <LimitList limits={key.limits} currency={currency} />
      </section>
      <section>
        <h3 className="mb-2 font-semibold">{t.common.last30Days}</h3>
        <Facts
          facts={[
            [t.common.requests, count(requests)],
            [t.usage.input, `${count(tokens.input)} (${t.requests.cached(count(tokens.cachedInput))})`],
            [t.usage.output, `${count(tokens.output)} (${t.requests.reasoningTokens(count(tokens.reasoning))})`],
            [t.common.cost, money(cost, currency)],
          ]}
        />
        <p className="mt-4 flex flex-wrap gap-2">
          <Link to="/requests" search={{ key: key.id }} className={buttonClass('plain', true)}>
            {t.keys.seeRequests}
          </Link>
          <Link to="/usage" search={{ key: key.id }} className={buttonClass('plain', true)}>
            {t.keys.seeUsage}
          </Link>
        </p>
      </section>
    </div>
  )
}

function EditKey({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const t = useMessages()
  const [form, setForm] = useState(() => formOfKey(apiKey))
  const change = useMutation({
    mutationFn: () => call('PATCH /admin/keys/{id}', { params: { id: apiKey.id }, body: settingsOf(form, apiKey) }),
    onSuccess: async () => {
      await refresh('GET /admin/keys', 'GET /admin/keys/{id}')
      say(t.common.saved)
      onClose()
    },
  })
  return (
    <FormDialog
      place="side"
      title={t.keys.editTitle(apiKey.name)}
      action={t.common.save}
      doing={change}
      onClose={onClose}
    >
      <KeyFields form={form} onChange={setForm} error={change.error} />
    </FormDialog>
  )
}

function RevokeKey({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const t = useMessages()
  const revoke = async () => {
    await call('POST /admin/keys/{id}/revoke', { params: { id: apiKey.id } })
    await refresh('GET /admin/keys', 'GET /admin/keys/{id}', 'GET /admin/tenants')
    say(t.keys.revoked(apiKey.name))
  }
  return (
    <Confirm
      title={t.keys.revokeTitle(apiKey.name)}
      text={t.keys.revokeText}
      action={t.keys.revoke}
      run={revoke}
      onClose={onClose}
    />
  )
}
