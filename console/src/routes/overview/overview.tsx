import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import { Status } from '../../components/badge.tsx'
import { buttonClass } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tile, Tiles } from '../../components/tile.tsx'
import { useFormat } from '../../lib/format.ts'
import { useOverview } from '../../lib/overview.ts'
import { asking } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'
import { RequestTable } from '../requests/request-table.tsx'
import { FirstRequest } from './first-request.tsx'
import { Week } from './week.tsx'

export function Overview() {
  const t = useMessages()
  const overview = useOverview()
  const { ago, count, ms, rough, speed, moment } = useFormat()
  const requests = useQuery({ ...asking('GET /admin/requests', { query: { limit: 8 } }), refetchInterval: 10_000 })
  const latest = requests.data?.items ?? []
  return (
    <Page title={t.pages.overview}>
      <Loaded query={overview} lines={3}>
        {({ well, now, version, startedAt, baseUrl }) => (
          <>
            <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
              <span className="text-lg font-medium">
                <Status tone={well ? 'good' : 'bad'}>{well ? t.overview.well : t.overview.notWell}</Status>
              </span>
              {!well && (
                <Link to="/models" className={buttonClass('plain', true)}>
                  {t.overview.notWellHint}
                </Link>
              )}
              <span className="text-muted">
                {t.overview.version(version)},{' '}
                <time dateTime={startedAt} title={moment(startedAt)}>
                  {t.overview.since(ago(startedAt))}
                </time>
              </span>
              <span className="flex min-w-0 items-center gap-1 text-muted">
                {t.overview.baseUrl} <code className="truncate font-mono text-sm text-ink">{baseUrl}</code>
                <CopyButton compact text={baseUrl} label={t.overview.baseUrl} />
              </span>
            </div>
            <section aria-label={t.overview.lastFiveMinutes}>
              <Tiles>
                <Tile label={t.overview.running} value={count(now.running)} />
                <Tile label={t.overview.requestsPerMinute} value={speed(now.requestsPerMinute)} />
                <Tile label={t.overview.tokensPerMinute} value={rough(Math.round(now.tokensPerMinute))} />
                <Tile label={t.overview.errorsPerMinute} value={speed(now.errorsPerMinute)} />
                <Tile
                  label={t.overview.firstToken}
                  value={now.firstTokenP50 === null ? '–' : ms(now.firstTokenP50)}
                  hint={now.firstTokenP95 === null ? undefined : t.overview.p95(ms(now.firstTokenP95))}
                />
              </Tiles>
            </section>
          </>
        )}
      </Loaded>
      {requests.data && latest.length === 0 ? <FirstRequest /> : <Week />}
      <Panel
        title={t.overview.latest}
        actions={
          <Link to="/requests" className={buttonClass('quiet', true)}>
            {t.overview.seeAll} <ArrowRight aria-hidden size={13} />
          </Link>
        }
      >
        <Loaded query={requests}>
          {({ items }) =>
            items.length > 0 ? (
              <RequestTable items={items} />
            ) : (
              <p className="p-6 text-center text-muted">{t.requests.emptyHint}</p>
            )
          }
        </Loaded>
      </Panel>
    </Page>
  )
}
