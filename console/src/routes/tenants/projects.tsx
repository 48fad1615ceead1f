import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import type { Project } from '../../../../server/src/http/admin/contract.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useFormat } from '../../lib/format.ts'
import { usePages } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'

interface Props {
  readonly tenant: string
  readonly currency: string
  readonly onEdit: (project: Project | 'new') => void
}

/** The projects of a tenant: a click on one changes it. */
export function Projects({ tenant, currency, onEdit }: Props) {
  const t = useMessages()
  const { count, roughMoney } = useFormat()
  const projects = usePages('GET /admin/projects', { tenant, limit: 25 })
  const columns: readonly Column<Project>[] = [
    {
      id: 'name',
      title: t.common.name,
      cell: (project) => (
        <span className="inline-flex items-center gap-2">
          <button type="button" className="font-medium hover:underline" onClick={() => onEdit(project)}>
            {project.name}
          </button>
          {project.archivedAt && <Badge>{t.projects.archived}</Badge>}
        </span>
      ),
    },
    {
      id: 'requests',
      title: t.common.requests,
      right: true,
      cell: ({ id, last30Days }) => (
        <Link to="/usage" search={{ tenant, project: id }} className="text-accent hover:underline">
          {count(last30Days.requests)}
        </Link>
      ),
    },
    {
      id: 'cost',
      title: t.common.cost,
      right: true,
      cell: ({ last30Days }) => roughMoney(last30Days.cost, currency),
    },
  ]
  return (
    <section className="-mx-5 border-t border-line [&_:is(td,th):first-child]:pl-5 [&_:is(td,th):last-child]:pr-5">
      <div className="flex items-center justify-between gap-2 px-5 pt-4 pb-1">
        <h3 className="font-semibold">{t.projects.title}</h3>
        <Button small icon={Plus} onClick={() => onEdit('new')}>
          {t.projects.create}
        </Button>
      </div>
      <Loaded query={projects} lines={2}>
        {(items) =>
          items.length > 0 ? (
            <Table caption={t.projects.title} columns={columns} items={items} keyOf={({ id }) => id} />
          ) : (
            <p className="px-5 pb-4 text-muted">{t.projects.empty}</p>
          )
        }
      </Loaded>
      <LoadMore pages={projects} />
    </section>
  )
}
