import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Ban, SearchX, UserCheck, UsersRound } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { EndUser } from '../../../../server/src/http/admin/contract.ts'
import { Status } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { Empty } from '../../components/empty.tsx'
import { textOf } from '../../components/failure.tsx'
import { Checkbox, Search } from '../../components/field.tsx'
import { FilterChip } from '../../components/filter-chip.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { say } from '../../components/notices.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { useCurrency } from '../../lib/overview.ts'
import { refresh, usePages } from '../../lib/query.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { BlockUser } from './block-user.tsx'

export function EndUsers() {
  const t = useMessages()
  const navigate = useNavigate()
  const { tenant } = useSearch({ from: '/inside/end-users' })
  const [typed, setTyped] = useState('')
  const [onlyBlocked, setOnlyBlocked] = useState(false)
  const [blocking, setBlocking] = useState<EndUser | 'somebody' | null>(null)
  const search = useDeferredValue(typed.trim())
  const users = usePages('GET /admin/end-users', {
    ...(tenant && { tenant }),
    ...(search && { search }),
    ...(onlyBlocked && { blocked: true }),
  })
  const columns = useColumns(setBlocking)
  const block = async ({ tenant: of, userId }: EndUser) => {
    await call('PUT /admin/tenants/{tenant}/blocked-users/{userId}', { params: { tenant: of, userId } })
    await refresh('GET /admin/end-users')
    say(t.endUsers.blockedNow(userId))
  }
  return (
    <Page
      title={t.pages.endUsers}
      intro={t.endUsers.intro}
      actions={
        <Button icon={Ban} data-create="" onClick={() => setBlocking('somebody')}>
          {t.endUsers.blockSomeone}
        </Button>
      }
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Search label={t.endUsers.searchHint} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Checkbox
          label={t.endUsers.onlyBlocked}
          checked={onlyBlocked}
          onChange={(event) => setOnlyBlocked(event.target.checked)}
        />
        {tenant && (
          <FilterChip
            name={t.common.tenant}
            value={tenant}
            onClear={() => void navigate({ to: '/end-users', search: {} })}
          />
        )}
      </div>
      <Panel>
        <Loaded query={users}>
          {(items) =>
            items.length > 0 ? (
              <Table
                caption={t.pages.endUsers}
                columns={columns}
                items={items}
                keyOf={({ tenant: of, userId }) => `${of}/${userId}`}
              />
            ) : search || onlyBlocked || tenant ? (
              <Empty icon={SearchX} title={t.common.nothingFound} hint={t.common.nothingFoundHint} />
            ) : (
              <Empty icon={UsersRound} title={t.endUsers.empty} hint={t.endUsers.emptyHint} />
            )
          }
        </Loaded>
        <LoadMore pages={users} />
      </Panel>
      {blocking === 'somebody' ? (
        <BlockUser onClose={() => setBlocking(null)} />
      ) : (
        blocking && (
          <Confirm
            title={t.endUsers.blockTitle(blocking.userId)}
            text={t.endUsers.blockText}
            action={t.endUsers.block}
            run={() => block(blocking)}
            onClose={() => setBlocking(null)}
          />
        )
      )}
    </Page>
  )
}

function Unblock({ user: { tenant, userId } }: { readonly user: EndUser }) {
  const t = useMessages()
  const unblock = useMutation({
    mutationFn: () => call('DELETE /admin/tenants/{tenant}/blocked-users/{userId}', { params: { tenant, userId } }),
    onSuccess: async () => {
      await refresh('GET /admin/end-users')
      say(t.endUsers.unblockedNow(userId))
    },
    onError: (error) => say(textOf(error, t), 'bad'),
  })
  return (
    <Button small icon={UserCheck} busy={unblock.isPending} onClick={() => unblock.mutate()}>
      {t.endUsers.unblock}
    </Button>
  )
}

function useColumns(onBlock: (user: EndUser) => void): readonly Column<EndUser>[] {
  const t = useMessages()
  const administrator = useIsAdministrator()
  const currency = useCurrency()
  const { ago, count, rough, roughMoney } = useFormat()
  return [
    {
      id: 'id',
      title: t.common.endUser,
      cell: ({ tenant, userId }) => (
        <>
          <Link to="/requests" search={{ tenant, user: userId }} className="font-medium break-all hover:underline">
            {userId}
          </Link>
          {administrator && <p className="text-sm text-faint md:hidden">{tenant}</p>}
        </>
      ),
    },
    ...(administrator
      ? [{ id: 'tenant', title: t.common.tenant, from: 'md', cell: ({ tenant }: EndUser) => tenant } as const]
      : []),
    {
      id: 'status',
      title: t.common.status,
      from: 'sm',
      cell: ({ blockedAt }) => (
        <Status tone={blockedAt ? 'bad' : 'good'}>{blockedAt ? t.endUsers.blocked : t.endUsers.active}</Status>
      ),
    },
    {
      id: 'requests',
      title: t.common.requests,
      right: true,
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
    {
      id: 'used',
      title: t.common.lastUsed,
      right: true,
      from: 'lg',
      cell: ({ lastUsedAt }) => (lastUsedAt ? ago(lastUsedAt) : <span className="text-faint">{t.common.never}</span>),
    },
    {
      id: 'block',
      title: t.endUsers.block,
      hideTitle: true,
      right: true,
      cell: (user) =>
        user.blockedAt ? (
          <Unblock user={user} />
        ) : (
          <Button small look="quiet" icon={Ban} onClick={() => onBlock(user)}>
            {t.endUsers.block}
          </Button>
        ),
    },
  ]
}
