import { useQuery } from '@tanstack/react-query'
import { Ellipsis, KeyRound, Plus, UserCheck, UserCog, UserX } from 'lucide-react'
import { useState } from 'react'
import type { Person } from '../../../../server/src/http/admin/contract.ts'
import { Status } from '../../components/badge.tsx'
import { Button, IconButton } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Menu } from '../../components/menu.tsx'
import { Panel } from '../../components/panel.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { asking, refresh } from '../../lib/query.ts'
import { useMe } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { AddPerson, ChangeRole, ResetPassword } from './person-forms.tsx'

type Task = 'role' | 'password' | 'disable'

export function PersonList() {
  const t = useMessages()
  const people = useQuery(asking('GET /admin/people', {}))
  const [adding, setAdding] = useState(false)
  const [doing, setDoing] = useState<{ readonly task: Task; readonly person: Person } | null>(null)
  const done = () => setDoing(null)
  const columns = useColumns((task, person) => setDoing({ task, person }))
  return (
    <Panel
      title={t.people.peopleTitle}
      actions={
        <Button small icon={Plus} data-create="" onClick={() => setAdding(true)}>
          {t.people.create}
        </Button>
      }
    >
      <Loaded query={people}>
        {({ items }) => <Table caption={t.people.peopleTitle} columns={columns} items={items} keyOf={({ id }) => id} />}
      </Loaded>
      {adding && <AddPerson onClose={() => setAdding(false)} />}
      {doing?.task === 'role' && <ChangeRole person={doing.person} onClose={done} />}
      {doing?.task === 'password' && <ResetPassword person={doing.person} onClose={done} />}
      {doing?.task === 'disable' && <SetDisabled person={doing.person} onClose={done} />}
    </Panel>
  )
}

function SetDisabled({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const t = useMessages()
  const action = person.disabled ? t.people.enable : t.people.disable
  const run = async () => {
    await call('PATCH /admin/people/{id}', { params: { id: person.id }, body: { disabled: !person.disabled } })
    await refresh('GET /admin/people')
  }
  return (
    <Confirm
      title={`${action}: ${person.name}`}
      text={t.people.sessionsEnd}
      action={action}
      run={run}
      onClose={onClose}
    />
  )
}

function useColumns(onTask: (task: Task, person: Person) => void): readonly Column<Person>[] {
  const t = useMessages()
  const me = useMe()
  const { ago, day } = useFormat()
  return [
    { id: 'name', title: t.common.name, cell: ({ name }) => <span className="font-medium break-all">{name}</span> },
    {
      id: 'role',
      title: t.people.role,
      cell: ({ role, tenant }) => (
        <>
          {t.people.roles[role]} {tenant && <span className="text-faint">· {tenant}</span>}
        </>
      ),
    },
    {
      id: 'status',
      title: t.common.status,
      from: 'sm',
      cell: ({ disabled }) => (
        <Status tone={disabled ? 'calm' : 'good'}>{disabled ? t.people.disabled : t.people.enabled}</Status>
      ),
    },
    {
      id: 'last',
      title: t.people.lastSignIn,
      right: true,
      from: 'md',
      cell: ({ lastSignInAt }) =>
        lastSignInAt ? ago(lastSignInAt) : <span className="text-faint">{t.common.never}</span>,
    },
    { id: 'created', title: t.common.created, right: true, from: 'lg', cell: ({ createdAt }) => day(createdAt) },
    {
      id: 'actions',
      title: t.common.details,
      hideTitle: true,
      right: true,
      cell: (person) => (
        <Menu
          trigger={<IconButton icon={Ellipsis} label={t.common.actions(person.name)} />}
          items={[
            { label: t.people.resetPassword, icon: KeyRound, onSelect: () => onTask('password', person) },
            // Nobody locks themselves out.
            person.id !== me.id && {
              label: t.people.changeRole,
              icon: UserCog,
              onSelect: () => onTask('role', person),
            },
            person.id !== me.id && {
              label: person.disabled ? t.people.enable : t.people.disable,
              icon: person.disabled ? UserCheck : UserX,
              danger: !person.disabled,
              onSelect: () => onTask('disable', person),
            },
          ]}
        />
      ),
    },
  ]
}
