import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { LedgerEntry, Project, Tenant } from '../../../../server/src/http/admin/contract.ts'
import { Button, buttonClass } from '../../components/button.tsx'
import { cx } from '../../components/classes.ts'
import { Dialog } from '../../components/dialog.tsx'
import { LimitList } from '../../components/limit-list.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Facts } from '../../components/panel.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useFormat } from '../../lib/format.ts'
import { asking, usePages } from '../../lib/query.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { EditProject } from './edit-project.tsx'
import { EditTenant } from './edit-tenant.tsx'
import { Projects } from './projects.tsx'
import { TopUp } from './top-up.tsx'

export function TenantSheet() {
  const t = useMessages()
  const navigate = useNavigate()
  const administrator = useIsAdministrator()
  const { id } = useParams({ from: '/inside/tenants/$id' })
  const tenant = useQuery(asking('GET /admin/tenants/{tenant}', { params: { tenant: id } }))
  const [open, setOpen] = useState<'edit' | 'top-up' | null>(null)
  const [project, setProject] = useState<Project | 'new' | null>(null)
  if (project && tenant.data)
    return (
      <EditProject
        tenant={id}
        currency={tenant.data.account.currency}
        project={project}
        onClose={() => setProject(null)}
      />
    )
  if (open === 'edit' && tenant.data) return <EditTenant tenant={tenant.data} onClose={() => setOpen(null)} />
  if (open === 'top-up' && tenant.data) return <TopUp tenant={tenant.data} onClose={() => setOpen(null)} />
  return (
    <Dialog
      place="side"
      title={tenant.data?.name ?? id}
      onClose={() => void navigate({ to: '/tenants' })}
      footer={
        administrator && (
          <>
            <Button onClick={() => setOpen('edit')}>{t.tenants.edit}</Button>
            <Button look="primary" onClick={() => setOpen('top-up')}>
              {t.tenants.topUp}
            </Button>
          </>
        )
      }
    >
      <Loaded query={tenant}>{(data) => <TenantFacts tenant={data} onProject={setProject} />}</Loaded>
    </Dialog>
  )
}

interface FactsProps {
  readonly tenant: Tenant
  readonly onProject: (project: Project | 'new') => void
}

function TenantFacts({ tenant, onProject }: FactsProps) {
  const t = useMessages()
  const { count, money, roughMoney, moment } = useFormat()
  const { account, last30Days } = tenant
  return (
    <div className="flex flex-col gap-6">
      <div>
        <p
          title={money(account.balance, account.currency)}
          className={cx('number text-2xl font-semibold tracking-tight', account.balance.startsWith('-') && 'text-bad')}
        >
          {roughMoney(account.balance, account.currency)}
        </p>
        <p className="text-muted">
          {[
            account.prepaid ? `${t.tenants.prepaid}: ${t.tenants.prepaidHint}` : t.tenants.postpaid,
            !/^0\.0+$/.test(account.held) && t.tenants.held(money(account.held, account.currency)),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <Facts
        facts={[
          [
            t.tenants.id,
            <span key="id" className="font-mono">
              {tenant.id}
            </span>,
          ],
          [t.common.created, moment(tenant.createdAt)],
          [
            t.tenants.activeKeys,
            <Link key="keys" to="/keys" search={{ tenant: tenant.id }} className="text-accent hover:underline">
              {count(tenant.keys)}
            </Link>,
          ],
          [
            t.common.last30Days,
            [
              t.tenants.requests(last30Days.requests),
              t.common.tokenCount(last30Days.tokens.input + last30Days.tokens.output),
              money(last30Days.cost, account.currency),
            ].join(' · '),
          ],
        ]}
      />
      <section>
        <h3 className="mb-2 font-semibold">{t.tenants.limits}</h3>
        <LimitList limits={tenant.limits} currency={account.currency} />
      </section>
      <p className="flex flex-wrap gap-2">
        <Link to="/requests" search={{ tenant: tenant.id }} className={buttonClass('plain', true)}>
          {t.pages.requests}
        </Link>
        <Link to="/usage" search={{ tenant: tenant.id }} className={buttonClass('plain', true)}>
          {t.pages.usage}
        </Link>
      </p>
      <Projects tenant={tenant.id} currency={account.currency} onEdit={onProject} />
      <Ledger tenant={tenant.id} />
    </div>
  )
}

function Ledger({ tenant }: { readonly tenant: string }) {
  const t = useMessages()
  const entries = usePages('GET /admin/ledger', { tenant, limit: 25 })
  const columns = useColumns()
  return (
    <section className="-mx-5 border-t border-line [&_:is(td,th):first-child]:pl-5 [&_:is(td,th):last-child]:pr-5">
      <h3 className="px-5 pt-4 pb-1 font-semibold">{t.tenants.ledger}</h3>
      <Loaded query={entries} lines={4}>
        {(items) =>
          items.length > 0 ? (
            <Table caption={t.tenants.ledger} columns={columns} items={items} keyOf={({ seq }) => String(seq)} />
          ) : (
            <p className="px-5 pb-4 text-muted">{t.tenants.ledgerEmpty}</p>
          )
        }
      </Loaded>
      <LoadMore pages={entries} />
    </section>
  )
}

function useColumns(): readonly Column<LedgerEntry>[] {
  const t = useMessages()
  const { money, moment, ago, count } = useFormat()
  return [
    {
      id: 'what',
      title: t.tenants.entry,
      cell: ({ at, kind, note, model, tokens, requestId, estimated }) => (
        <div className="min-w-0">
          <p>
            {requestId ? (
              <Link to="/requests/$id" params={{ id: requestId }} className="hover:underline">
                {t.tenants.kinds[kind] ?? kind}
              </Link>
            ) : (
              (t.tenants.kinds[kind] ?? kind)
            )}
            <time dateTime={at} title={moment(at)} className="ml-2 text-sm text-faint">
              {ago(at)}
            </time>
          </p>
          <p className="text-sm break-words text-faint">
            {[
              model,
              tokens && `${count(tokens.input)} ${t.requests.in}, ${count(tokens.output)} ${t.requests.out}`,
              estimated && t.tenants.estimated,
              note,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
      ),
    },
    {
      id: 'amount',
      title: t.tenants.amount,
      right: true,
      cell: ({ amount, currency }) => (
        <span className={amount.startsWith('-') ? '' : 'text-good'}>{money(amount, currency)}</span>
      ),
    },
    {
      id: 'after',
      title: t.tenants.after,
      right: true,
      from: 'sm',
      cell: ({ balance, currency }) => money(balance, currency),
    },
  ]
}
