import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { useMemo } from 'react'
import type { AnswerOf } from '../../../../server/src/http/admin/contract.ts'
import { buttonClass } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { ExportMenu } from '../../components/export-menu.tsx'
import { Select } from '../../components/field.tsx'
import { FilterChip } from '../../components/filter-chip.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { type Range, RangeSelect, rangeOf, useFrom } from '../../components/range.tsx'
import { useKeyNames } from '../../lib/key-names.ts'
import { useProjectName } from '../../lib/projects.ts'
import { asking } from '../../lib/query.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { UsageCharts } from './usage-charts.tsx'
import { UsageTiles } from './usage-tiles.tsx'

export type UsageAnswer = AnswerOf<'GET /admin/usage'>

const steps = ['hour', 'day', 'month'] as const
const groups = ['none', 'model', 'project', 'key', 'user', 'tenant'] as const
const filters = ['tenant', 'project', 'model', 'key', 'user'] as const

/** A year of hours is more than a chart can show; the hours of single users are not kept for long. */
const stepsOf = (range: Range, ofUsers: boolean): readonly (typeof steps)[number][] =>
  range === 'year' || (range === 'quarter' && ofUsers) ? steps.filter((step) => step !== 'hour') : steps

export function Usage() {
  const t = useMessages()
  const navigate = useNavigate()
  const administrator = useIsAdministrator()
  const search = useSearch({ from: '/inside/usage' })
  const range = rangeOf(search.range, 'month')
  const group = groups.find((one) => one === search.group) ?? 'none'
  const from = useFrom(range)
  const { tenant, project, model, key, user } = search
  const offered = stepsOf(range, group === 'user' || Boolean(user))
  const step = offered.find((one) => one === search.step) ?? (range === 'day' ? 'hour' : 'day')
  const projectName = useProjectName()
  const query = useMemo(
    () => ({
      from,
      step,
      ...(group !== 'none' && { groupBy: [group] }),
      ...(tenant && { tenant }),
      ...(project && { project }),
      ...(model && { model }),
      ...(key && { key }),
      ...(user && { user }),
      top: 7,
    }),
    [from, step, group, tenant, project, model, key, user],
  )
  const { top: _, ...exported } = query
  const usage = useQuery({
    ...asking('GET /admin/usage', { query }),
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  })
  const nameOfKey = useKeyNames(group === 'key' || key !== undefined)
  const set = (change: Partial<typeof search>) =>
    void navigate({ to: '/usage', search: { ...search, ...change }, replace: true })

  return (
    <Page
      title={t.pages.usage}
      intro={t.usage.intro}
      actions={<ExportMenu name="GET /admin/usage/export" query={exported} />}
    >
      <div className="flex flex-wrap gap-2">
        <RangeSelect value={range} onChange={(next) => set({ range: next, step: '' })} />
        <Select
          label={t.usage.step}
          value={step}
          options={offered.map((value) => ({ value, label: t.usage.steps[value] }))}
          onChange={(next) => set({ step: next })}
        />
        <Select
          label={t.usage.groupBy}
          value={group}
          options={groups
            .filter((value) => administrator || value !== 'tenant')
            .map((value) => ({ value, label: `${t.usage.groupBy}: ${t.usage.groups[value]}` }))}
          onChange={(next) => set({ group: next })}
        />
        {filters.map((name) => {
          const value = search[name]
          return (
            value && (
              <FilterChip
                key={name}
                name={t.usage.groups[name]}
                value={name === 'project' ? projectName(value) : name === 'key' ? nameOfKey(value) : value}
                onClear={() => set({ [name]: '' })}
              />
            )
          )
        })}
      </div>
      <Loaded query={usage} lines={8}>
        {(data) =>
          data.series.every(({ total }) => total.requests === 0) ? (
            <Empty icon={ChartColumn} title={t.usage.empty} hint={t.usage.emptyHint}>
              <Link to="/playground" className={buttonClass('primary')}>
                {t.overview.openPlayground}
              </Link>
            </Empty>
          ) : (
            <>
              <UsageTiles usage={data} />
              <UsageCharts usage={data} step={step} grouped={group !== 'none'} nameOfKey={nameOfKey} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
