import { useMutation, useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleHelp, CircleMinus, CircleX, type LucideIcon, Play, Square } from 'lucide-react'
import { useState } from 'react'
import type { Conformance as Report } from '../../../../server/src/http/admin/contract.ts'
import { Button } from '../../components/button.tsx'
import { cx } from '../../components/classes.ts'
import { Failure } from '../../components/failure.tsx'
import { Checkbox } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { asking, refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'

type Verdict = NonNullable<Report['checks'][number]['through']>['verdict']

const verdicts: Record<Verdict, { readonly icon: LucideIcon; readonly ink: string }> = {
  kept: { icon: CircleCheck, ink: 'text-good' },
  broken: { icon: CircleX, ink: 'text-bad' },
  'cannot-tell': { icon: CircleHelp, ink: 'text-warn' },
  'not-offered': { icon: CircleMinus, ink: 'text-faint' },
}

/** What an engine keeps of the contract, by itself and behind Tidegate; a new check can be begun here. */
export function Conformance({ id }: { readonly id: string }) {
  const t = useMessages()
  const state = useQuery({
    ...asking('GET /admin/engines/{id}/check', { params: { id } }),
    refetchInterval: ({ state: { data } }) => (data?.running ? 1_000 : false),
  })
  const changed = () => refresh('GET /admin/engines/{id}/check', 'GET /admin/engines')
  const start = useMutation({
    mutationFn: () => call('POST /admin/engines/{id}/check', { params: { id } }),
    onSettled: changed,
  })
  const stop = useMutation({
    mutationFn: () => call('DELETE /admin/engines/{id}/check', { params: { id } }),
    onSettled: changed,
  })
  const failed = start.error ?? stop.error
  return (
    <Loaded query={state} lines={3}>
      {({ running, report, error }) => (
        <div className="flex flex-col gap-4">
          <p className="text-sm text-muted">{t.models.conformanceHint}</p>
          {running ? (
            <div className="flex flex-wrap items-center gap-3">
              <progress
                aria-label={t.models.conformance}
                max={running.total}
                value={running.done}
                className="h-1.5 min-w-24 flex-1 accent-accent"
              />
              <span className="number text-sm text-muted">{t.models.checking(running.done, running.total)}</span>
              <Button small icon={Square} busy={stop.isPending} onClick={() => stop.mutate()}>
                {t.models.stopCheck}
              </Button>
              <p className="w-full truncate text-sm text-faint">
                {t.models.columns[running.column]}: {running.current}
              </p>
            </div>
          ) : (
            <Button icon={Play} busy={start.isPending} onClick={() => start.mutate()} className="self-start">
              {t.models.check}
            </Button>
          )}
          {error && <Failure error={new Error(error)} />}
          {failed && <Failure error={failed} />}
          {report ? <ReportView report={report} /> : !running && <p className="text-muted">{t.models.neverChecked}</p>}
        </div>
      )}
    </Loaded>
  )
}

function ReportView({ report }: { readonly report: Report }) {
  const t = useMessages()
  const { ago, moment, count } = useFormat()
  const [onlyBroken, setOnlyBroken] = useState(false)
  const checks = report.checks.filter(
    (check) => !onlyBroken || report.columns.some((column) => check[column]?.verdict === 'broken'),
  )
  const areas = [...new Set(checks.map(({ area }) => area))]
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-faint">
          <time dateTime={report.startedAt} title={moment(report.startedAt)}>
            {t.models.checkedAt(ago(report.startedAt))}
          </time>
          {!report.complete && ` · ${t.models.incomplete}`}
        </p>
        <Checkbox
          label={t.models.onlyBroken}
          checked={onlyBroken}
          onChange={(event) => setOnlyBroken(event.target.checked)}
        />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        {report.columns.map((column) => (
          <div key={column} className="rounded-md border border-line p-3">
            <p className="mb-1.5 font-medium">{t.models.columns[column]}</p>
            <p className="number flex flex-wrap gap-x-4 gap-y-1 text-sm">
              {(Object.keys(verdicts) as Verdict[]).map((verdict) => (
                <span key={verdict} className="inline-flex items-center gap-1.5">
                  <Mark verdict={verdict} />
                  {count(report.summary[column]?.[verdict] ?? 0)}{' '}
                  <span className="text-faint">{t.models.verdicts[verdict]}</span>
                </span>
              ))}
            </p>
          </div>
        ))}
      </div>
      {areas.map((area) => (
        <table key={area} className="w-full border-collapse text-left text-sm">
          <caption className="pb-1 text-left font-medium">{area}</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">{t.models.conformance}</th>
              {report.columns.map((column) => (
                <th key={column} scope="col">
                  {t.models.columns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {checks
              .filter((check) => check.area === area)
              .map((check) => (
                <tr key={check.id} className="border-t border-line align-top">
                  <td className="py-1.5 pr-3">
                    <span className="mr-2 font-mono text-xs text-faint">{check.id}</span>
                    {check.title}
                    {report.columns.map((column) => {
                      const found = check[column]
                      return (
                        found?.verdict === 'broken' &&
                        found.reason && (
                          <span key={column} className="block break-words text-bad">
                            {found.reason}
                          </span>
                        )
                      )
                    })}
                  </td>
                  {report.columns.map((column) => (
                    <td key={column} className="w-10 py-1.5 text-center">
                      {check[column] && <Mark verdict={check[column].verdict} named />}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      ))}
    </div>
  )
}

function Mark({ verdict, named }: { readonly verdict: Verdict; readonly named?: boolean }) {
  const t = useMessages()
  const { icon: Icon, ink } = verdicts[verdict]
  return (
    <Icon
      size={14}
      className={cx('inline-block', ink)}
      {...(named ? { 'aria-label': t.models.verdicts[verdict], role: 'img' } : { 'aria-hidden': true })}
    />
  )
}
