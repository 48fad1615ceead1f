import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import { useMemo } from 'react'
import { buttonClass } from '../../components/button.tsx'
import { Chart } from '../../components/chart.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { useFormat } from '../../lib/format.ts'
import { asking } from '../../lib/query.ts'
import { daysBack } from '../../lib/time.ts'
import { useMessages } from '../../messages/messages.ts'

/** The last seven days at a glance, by the hour. */
export function Week() {
  const t = useMessages()
  const { count } = useFormat()
  const from = useMemo(() => daysBack(6, Date.now()), [])
  const usage = useQuery({ ...asking('GET /admin/usage', { query: { from, step: 'hour' } }), refetchInterval: 60_000 })
  return (
    <Panel
      title={t.overview.week}
      hint={t.usage.requestsTitle}
      actions={
        <Link to="/usage" className={buttonClass('quiet', true)}>
          {t.pages.usage} <ArrowRight aria-hidden size={13} />
        </Link>
      }
    >
      <Loaded query={usage} lines={4}>
        {({ times, series }) => (
          <Chart
            title={t.usage.requestsTitle}
            times={times}
            step="hour"
            kind="bars"
            height={150}
            format={(value) => count(value)}
            lines={[{ label: t.common.requests, values: series[0]?.requests ?? times.map(() => 0), colour: 1 }]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
