import { ScrollText, SearchX } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { AuditLine } from '../../../server/src/http/admin/contract.ts'
import { Badge } from '../components/badge.tsx'
import { Empty } from '../components/empty.tsx'
import { Search } from '../components/field.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Loaded } from '../components/loaded.tsx'
import { Page } from '../components/page.tsx'
import { Panel } from '../components/panel.tsx'
import { type Column, Table } from '../components/table.tsx'
import { useFormat } from '../lib/format.ts'
import { usePages } from '../lib/query.ts'
import { useMessages } from '../messages/messages.ts'

export function Audit() {
  const t = useMessages()
  const [typed, setTyped] = useState('')
  const actor = useDeferredValue(typed.trim())
  const lines = usePages('GET /admin/audit', actor ? { actor } : {})
  const columns = useColumns()
  return (
    <Page title={t.pages.audit} intro={t.audit.intro}>
      <div className="flex">
        <Search label={t.audit.actorHint} value={typed} onChange={(event) => setTyped(event.target.value)} />
      </div>
      <Panel>
        <Loaded query={lines}>
          {(items) =>
            items.length > 0 ? (
              <Table caption={t.pages.audit} columns={columns} items={items} keyOf={({ id }) => id} />
            ) : actor ? (
              <Empty icon={SearchX} title={t.common.nothingFound} hint={t.common.nothingFoundHint} />
            ) : (
              <Empty icon={ScrollText} title={t.audit.empty} hint={t.audit.emptyHint} />
            )
          }
        </Loaded>
        <LoadMore pages={lines} />
      </Panel>
    </Page>
  )
}

function useColumns(): readonly Column<AuditLine>[] {
  const t = useMessages()
  const { ago, moment } = useFormat()
  return [
    {
      id: 'at',
      title: t.usage.when,
      cell: ({ at }) => (
        <time dateTime={at} title={moment(at)} className="whitespace-nowrap">
          {ago(at)}
        </time>
      ),
    },
    {
      id: 'actor',
      title: t.audit.actor,
      cell: ({ actor }) => <span className="font-medium break-words">{actor.name}</span>,
    },
    {
      id: 'operation',
      title: t.audit.operation,
      cell: ({ operation, outcome, detail }) => (
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-mono text-sm">{operation}</span>
            {outcome === 'refused' && <Badge tone="bad">{t.audit.refused}</Badge>}
          </p>
          {Object.keys(detail).length > 0 && (
            <p
              className="max-w-[60ch] truncate max-sm:hidden font-mono text-xs text-faint"
              title={JSON.stringify(detail)}
            >
              {JSON.stringify(detail)}
            </p>
          )}
        </div>
      ),
    },
    {
      id: 'subject',
      title: t.audit.subject,
      from: 'sm',
      cell: ({ subject }) => <span className="font-mono text-sm break-all">{subject ?? '–'}</span>,
    },
    { id: 'tenant', title: t.common.tenant, from: 'md', cell: ({ tenant }) => tenant ?? '–' },
    {
      id: 'address',
      title: t.audit.address,
      from: 'lg',
      cell: ({ address }) => <span className="font-mono text-sm">{address ?? '–'}</span>,
    },
  ]
}
