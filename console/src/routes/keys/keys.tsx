import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { KeyRound, Plus, SearchX } from 'lucide-react'
import { useDeferredValue, useEffect, useState } from 'react'
import type { ApiKey } from '../../../../server/src/http/admin/contract.ts'
import { Badge, Status, type Tone } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { Search, Select } from '../../components/field.tsx'
import { FilterChip } from '../../components/filter-chip.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProjectFilter } from '../../components/project-filter.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useFormat } from '../../lib/format.ts'
import { useCurrency } from '../../lib/overview.ts'
import { usePages } from '../../lib/query.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { CreateKey } from './create-key.tsx'

const statuses = ['active', 'expired', 'revoked'] as const
export const keyTones: Record<ApiKey['status'], Tone> = { active: 'good', expired: 'warn', revoked: 'calm' }

export function Keys() {
  const t = useMessages()
  const navigate = useNavigate()
  const { search: searched, status: chosen, tenant, project, new: isNew } = useSearch({ from: '/inside/keys' })
  const [typed, setTyped] = useState(searched ?? '')
  const search = useDeferredValue(typed)
  const status = statuses.find((one) => one === chosen)
  const { id: selected } = useParams({ strict: false })
  const keys = usePages('GET /admin/keys', {
    ...(search && { search }),
    ...(status && { status }),
    ...(tenant && { tenant }),
    ...(project && { project }),
  })
  const filtered = Boolean(search || status || tenant || project)
  const columns = useColumns(keys.data?.some((key) => key.project !== null) ?? false)
  const show = (next: { status?: string; tenant?: string; project?: string; new?: string }) =>
    void navigate({
      to: '/keys',
      search: { ...(status && { status }), ...(tenant && { tenant }), ...(project && { project }), ...next },
      replace: true,
    })
  const creating = isNew !== undefined
  // The address says what was searched for once typing rests, so that the page can be sent to somebody.
  useEffect(() => {
    if (search === (searched ?? '')) return
    void navigate({ to: '.', search: (before) => ({ ...before, search }), replace: true })
  }, [search, searched, navigate])

  const create = (
    <Button look="primary" icon={Plus} data-create="" onClick={() => show({ new: 'yes' })}>
      {t.keys.create}
    </Button>
  )
  return (
    <Page title={t.pages.keys} intro={t.keys.intro} actions={create}>
      <div className="flex flex-wrap gap-2">
        <Search label={t.keys.searchHint} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Select
          label={t.common.status}
          value={status ?? ''}
          options={[
            { value: '', label: `${t.common.status}: ${t.common.all}` },
            ...statuses.map((value) => ({ value, label: t.keys.statuses[value] })),
          ]}
          onChange={(value) => show({ status: value })}
        />
        <ProjectFilter tenant={tenant} value={project ?? ''} onChange={(value) => show({ project: value })} />
        {tenant && <FilterChip name={t.common.tenant} value={tenant} onClear={() => show({ tenant: '' })} />}
      </div>
      <Panel>
        <Loaded query={keys}>
          {(items) =>
            items.length > 0 ? (
              <Table
                caption={t.pages.keys}
                columns={columns}
                items={items}
                keyOf={(key) => key.id}
                selected={selected}
                onOpen={(key) => void navigate({ to: '/keys/$id', params: { id: key.id }, search: true })}
              />
            ) : filtered ? (
              <Empty icon={SearchX} title={t.common.nothingFound} hint={t.common.nothingFoundHint} />
            ) : (
              <Empty icon={KeyRound} title={t.keys.empty} hint={t.keys.emptyHint}>
                <Button look="primary" icon={Plus} onClick={() => show({ new: 'yes' })}>
                  {t.keys.create}
                </Button>
              </Empty>
            )
          }
        </Loaded>
        <LoadMore pages={keys} />
      </Panel>
      {creating && <CreateKey onClose={() => show({ new: '' })} />}
      <Outlet />
    </Page>
  )
}

function useColumns(hasProjects: boolean): readonly Column<ApiKey>[] {
  const t = useMessages()
  const currency = useCurrency()
  const administrator = useIsAdministrator()
  const { ago, count, rough, roughMoney, moment } = useFormat()
  return [
    {
      id: 'name',
      title: t.common.name,
      cell: (key) => (
        <div className="min-w-0">
          <Link to="/keys/$id" params={{ id: key.id }} search className="font-medium hover:underline">
            {key.name}
          </Link>
          {key.display !== '…' && <p className="truncate font-mono text-xs text-faint">{key.display}</p>}
        </div>
      ),
    },
    ...(administrator
      ? [{ id: 'tenant', title: t.common.tenant, from: 'md', cell: (key: ApiKey) => key.tenant } as const]
      : []),
    ...(hasProjects
      ? [
          {
            id: 'project',
            title: t.common.project,
            from: 'lg',
            cell: ({ project }: ApiKey) =>
              project && (
                <span className="inline-flex items-center gap-2">
                  {project.name}
                  {project.archived && <Badge>{t.projects.archived}</Badge>}
                </span>
              ),
          } as const,
        ]
      : []),
    {
      id: 'status',
      title: t.common.status,
      cell: (key) => <Status tone={keyTones[key.status]}>{t.keys.statuses[key.status]}</Status>,
    },
    {
      id: 'models',
      title: t.keys.scope,
      from: 'xl',
      cell: (key) => <Badge>{key.models ? t.keys.scopeCount(key.models.length) : t.keys.scopeAll}</Badge>,
    },
    {
      id: 'requests',
      title: t.common.requests,
      right: true,
      from: 'md',
      cell: (key) => count(key.last30Days.requests),
    },
    {
      id: 'tokens',
      title: t.common.tokens,
      right: true,
      from: 'lg',
      cell: (key) => rough(key.last30Days.tokens.input + key.last30Days.tokens.output),
    },
    {
      id: 'cost',
      title: t.common.cost,
      right: true,
      from: 'sm',
      cell: (key) => roughMoney(key.last30Days.cost, currency),
    },
    {
      id: 'used',
      title: t.common.lastUsed,
      right: true,
      from: 'sm',
      cell: (key) =>
        key.lastUsedAt ? (
          <time dateTime={key.lastUsedAt} title={moment(key.lastUsedAt)}>
            {ago(key.lastUsedAt)}
          </time>
        ) : (
          <span className="text-faint">{t.common.never}</span>
        ),
    },
    {
      id: 'expires',
      title: t.common.expires,
      right: true,
      from: 'xl',
      cell: (key) =>
        key.expiresAt ? (
          <time dateTime={key.expiresAt}>{ago(key.expiresAt)}</time>
        ) : (
          <span className="text-faint">{t.common.never}</span>
        ),
    },
  ]
}
