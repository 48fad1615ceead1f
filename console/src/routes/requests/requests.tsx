import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Activity, Radio, SearchX } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { Button, buttonClass } from '../../components/button.tsx'
import { cx } from '../../components/classes.ts'
import { Empty } from '../../components/empty.tsx'
import { ExportMenu } from '../../components/export-menu.tsx'
import { Search, Select } from '../../components/field.tsx'
import { FilterChip } from '../../components/filter-chip.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProjectFilter } from '../../components/project-filter.tsx'
import { useKeyNames } from '../../lib/key-names.ts'
import { finishes, type OutcomeFilter, outcomeFilterOf, outcomeFilters, outcomeQuery } from '../../lib/outcomes.ts'
import { asking, usePages } from '../../lib/query.ts'
import type { Messages } from '../../messages/en.ts'
import { useMessages } from '../../messages/messages.ts'
import { RequestTable } from './request-table.tsx'
import { useNewRequests } from './use-new-requests.ts'

const chips = ['tenant', 'key', 'user', 'engine'] as const
const modes = ['all', 'stream', 'plain'] as const
const durations = ['1000', '5000', '30000'] as const

export function Requests() {
  const t = useMessages()
  const navigate = useNavigate()
  const { id: selected } = useParams({ strict: false })
  const search = useSearch({ from: '/inside/requests' })
  const [typed, setTyped] = useState(search.search ?? '')
  const id = useDeferredValue(typed.trim())
  const [live, setLive] = useState(true)
  const nameOfKey = useKeyNames(search.key !== undefined)
  const { tenant, project, key, user, engine, model, slower } = search
  const outcome = outcomeFilterOf(search.outcome)
  const mode = modes.find((one) => one === search.mode) ?? 'all'
  const query = useMemo(
    () => ({
      ...(id && { search: id }),
      ...(tenant && { tenant }),
      ...(project && { project }),
      ...(key && { key }),
      ...(user && { user }),
      ...(engine && { engine }),
      ...(model && { model }),
      ...outcomeQuery(outcome),
      ...(mode !== 'all' && { streamed: mode === 'stream' }),
      ...(slower && { slowerThanMs: Number(slower) }),
    }),
    [id, tenant, project, key, user, engine, model, outcome, mode, slower],
  )
  const pages = usePages('GET /admin/requests', query)
  const fresh = useNewRequests(query, live)
  const filtered = Object.keys(query).length > 0
  const set = (change: Partial<typeof search>) =>
    void navigate({ to: '/requests', search: { ...search, ...change }, replace: true })
  useEffect(() => {
    if (id === (search.search ?? '')) return
    void navigate({ to: '.', search: (before) => ({ ...before, search: id }), replace: true })
  }, [id, search.search, navigate])

  const actions = (
    <>
      <Button
        role="switch"
        aria-checked={live}
        title={live ? t.requests.liveOn : t.requests.liveOff}
        onClick={() => setLive(!live)}
        icon={Radio}
        className={cx(live && 'text-accent')}
      >
        {t.requests.live}
      </Button>
      <ExportMenu name="GET /admin/requests/export" query={query} />
    </>
  )
  return (
    <Page title={t.pages.requests} intro={t.requests.intro} actions={actions}>
      <div className="flex flex-wrap gap-2">
        <Search label={t.requests.searchHint} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Select
          label={t.requests.outcome}
          value={outcome}
          options={outcomeFilters.map((value) => ({ value, label: outcomeLabel(value, t) }))}
          onChange={(value) => set({ outcome: value === 'all' ? '' : value })}
        />
        <Select
          label={t.requests.mode}
          value={mode}
          options={modes.map((value) => ({ value, label: t.requests.modes[value] }))}
          onChange={(value) => set({ mode: value === 'all' ? '' : value })}
        />
        <ModelFilter value={model ?? ''} onChange={(value) => set({ model: value })} />
        <ProjectFilter tenant={tenant} value={project ?? ''} onChange={(value) => set({ project: value })} />
        <Select
          label={t.requests.slower}
          value={slower ?? ''}
          options={[
            { value: '', label: t.requests.slowerAny },
            ...durations.map((value) => ({ value, label: `> ${Number(value) / 1_000} s` })),
          ]}
          onChange={(value) => set({ slower: value })}
        />
        {chips.map((name) => {
          const value = search[name]
          const title = { tenant: t.common.tenant, key: t.common.key, user: t.common.endUser, engine: t.common.engine }[
            name
          ]
          const said = name === 'key' && value ? nameOfKey(value) : value
          return said && <FilterChip key={name} name={title} value={said} onClear={() => set({ [name]: '' })} />
        })}
      </div>
      <Panel>
        <Loaded query={pages} lines={10}>
          {(older) => {
            const known = new Set(fresh.map((line) => line.id))
            const items = [...fresh, ...older.filter((line) => !known.has(line.id))]
            if (items.length > 0) return <RequestTable items={items} selected={selected} />
            if (pages.hasNextPage)
              return <Empty icon={SearchX} title={t.requests.notFoundYet} hint={t.requests.notFoundYetHint} />
            return filtered ? (
              <Empty icon={SearchX} title={t.common.nothingFound} hint={t.common.nothingFoundHint} />
            ) : (
              <Empty icon={Activity} title={t.requests.empty} hint={t.requests.emptyHint}>
                <Link to="/playground" className={buttonClass('primary')}>
                  {t.overview.openPlayground}
                </Link>
              </Empty>
            )
          }}
        </Loaded>
        <LoadMore pages={pages} label={pages.data?.length === 0 ? t.requests.searchOlder : undefined} />
      </Panel>
      <Outlet />
    </Page>
  )
}

function outcomeLabel(filter: OutcomeFilter, t: Messages): string {
  if (filter === 'all' || filter === 'ok' || filter === 'failed' || filter === 'left')
    return t.requests.outcomes[filter]
  return finishes.some((one) => one === filter) ? t.requests.ended(filter) : t.requests.failedWith(filter)
}

function ModelFilter({ value, onChange }: { readonly value: string; readonly onChange: (model: string) => void }) {
  const t = useMessages()
  const models = useQuery(asking('GET /admin/models', {})).data?.items ?? []
  return (
    <Select
      label={t.common.model}
      value={value}
      options={[
        { value: '', label: `${t.common.model}: ${t.common.all}` },
        ...models.map(({ id }) => ({ value: id, label: id })),
      ]}
      onChange={onChange}
    />
  )
}
