import { useMutation } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { Building2, Plus, ShieldCheck } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { Tenant } from '../../../../server/src/http/admin/contract.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { cx } from '../../components/classes.ts'
import { Empty } from '../../components/empty.tsx'
import { ExportMenu } from '../../components/export-menu.tsx'
import { textOf } from '../../components/failure.tsx'
import { Search } from '../../components/field.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { say } from '../../components/notices.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { useCurrency } from '../../lib/overview.ts'
import { usePages } from '../../lib/query.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { CreateTenant } from './create-tenant.tsx'

export function Tenants() {
  const t = useMessages()
  const navigate = useNavigate()
  const administrator = useIsAdministrator()
  const { id: selected } = useParams({ strict: false })
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed.trim())
  const [creating, setCreating] = useState(false)
  const tenants = usePages('GET /admin/tenants', search ? { search } : {})
  const columns = useColumns()
  const actions = administrator && (
    <>
      <VerifyLedger />
      <ExportMenu name="GET /admin/ledger/export" query={{}} />
      <Button look="primary" icon={Plus} data-create="" onClick={() => setCreating(true)}>
        {t.tenants.create}
      </Button>
    </>
  )
  return (
    <Page title={t.pages.tenants} intro={t.tenants.intro} actions={actions}>
      {administrator && (
        <div className="flex">
          <Search label={t.common.search} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </div>
      )}
      <Panel>
        <Loaded query={tenants}>
          {(items) =>
            items.length > 0 ? (
              <Table
                caption={t.pages.tenants}
                columns={columns}
                items={items}
                keyOf={({ id }) => id}
                selected={selected}
                onOpen={({ id }) => void navigate({ to: '/tenants/$id', params: { id } })}
              />
            ) : (
              <Empty icon={Building2} title={t.tenants.empty} hint={t.tenants.emptyHint} />
            )
          }
        </Loaded>
        <LoadMore pages={tenants} />
      </Panel>
      {creating && <CreateTenant onClose={() => setCreating(false)} />}
      <Outlet />
    </Page>
  )
}

function VerifyLedger() {
  const t = useMessages()
  const verify = useMutation({
    mutationFn: () => call('POST /admin/ledger/verify', {}),
    onSuccess: ({ entries, problems }) =>
      problems.length === 0
        ? say(t.tenants.verified(entries))
        : say(`${t.tenants.problems(problems.length)}: ${problems[0]}`, 'bad'),
    onError: (error) => say(textOf(error, t), 'bad'),
  })
  return (
    <Button icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate()}>
      {t.tenants.verify}
    </Button>
  )
}

function useColumns(): readonly Column<Tenant>[] {
  const t = useMessages()
  const currency = useCurrency()
  const { count, rough, money, roughMoney } = useFormat()
  return [
    {
      id: 'name',
      title: t.common.tenant,
      cell: ({ id, name }) => (
        <div className="min-w-0">
          <Link to="/tenants/$id" params={{ id }} className="font-medium hover:underline">
            {name}
          </Link>
          {name !== id && <p className="truncate font-mono text-xs text-faint">{id}</p>}
        </div>
      ),
    },
    {
      id: 'balance',
      title: t.tenants.balance,
      right: true,
      cell: ({ account }) => (
        <span className={cx('inline-flex items-center gap-2', account.balance.startsWith('-') && 'text-bad')}>
          {account.prepaid && <Badge>{t.tenants.prepaid}</Badge>}
          <span title={money(account.balance, account.currency)}>{roughMoney(account.balance, account.currency)}</span>
        </span>
      ),
    },
    {
      id: 'budget',
      title: t.tenants.budget,
      right: true,
      from: 'lg',
      cell: ({ limits, account }) =>
        limits.budget?.month ? (
          t.tenants.perMonth(money(limits.budget.month, account.currency))
        ) : (
          <span className="text-faint">{t.common.unlimited}</span>
        ),
    },
    { id: 'keys', title: t.tenants.activeKeys, right: true, from: 'sm', cell: ({ keys }) => count(keys) },
    {
      id: 'requests',
      title: t.common.requests,
      right: true,
      from: 'md',
      cell: ({ last30Days }) => count(last30Days.requests),
    },
    {
      id: 'tokens',
      title: t.common.tokens,
      right: true,
      from: 'lg',
      cell: ({ last30Days: { tokens } }) => rough(tokens.input + tokens.output),
    },
    {
      id: 'cost',
      title: t.common.cost,
      right: true,
      from: 'md',
      cell: ({ last30Days }) => roughMoney(last30Days.cost, currency),
    },
  ]
}
