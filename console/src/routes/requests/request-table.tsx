import { Link, useNavigate } from '@tanstack/react-router'
import { ArrowRight, Brain } from 'lucide-react'
import type { RequestLine } from '../../../../server/src/http/admin/contract.ts'
import { Status, type Tone } from '../../components/badge.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useFormat } from '../../lib/format.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'

/** 499: the client left, which nobody needs to mend. A stream that broke off had a good status when it began. */
export const toneOf = ({ status, failed }: Pick<RequestLine, 'status' | 'failed'>): Tone =>
  failed ? (status === 499 ? 'calm' : status >= 400 && status < 500 ? 'warn' : 'bad') : 'good'

interface Props {
  readonly items: readonly RequestLine[]
  readonly selected?: string | undefined
}

export function RequestTable({ items, selected }: Props) {
  const t = useMessages()
  const navigate = useNavigate()
  return (
    <Table
      caption={t.pages.requests}
      columns={useColumns()}
      items={items}
      keyOf={({ id }) => id}
      selected={selected}
      onOpen={({ id }) => void navigate({ to: '/requests/$id', params: { id }, search: true })}
    />
  )
}

function useColumns(): readonly Column<RequestLine>[] {
  const t = useMessages()
  const administrator = useIsAdministrator()
  const { clock, count, ms, moment, roughMoney, speed } = useFormat()
  return [
    {
      id: 'time',
      title: t.requests.time,
      cell: ({ id, at }) => (
        <Link
          to="/requests/$id"
          params={{ id }}
          search
          className="number font-medium hover:underline"
          title={moment(at)}
        >
          <time dateTime={at}>{clock(at)}</time>
        </Link>
      ),
    },
    {
      id: 'outcome',
      title: t.requests.outcome,
      cell: (line) => (
        <Status tone={toneOf(line)}>
          <span className="max-sm:[overflow-wrap:anywhere]">{line.outcome}</span>
        </Status>
      ),
    },
    {
      id: 'model',
      title: t.common.model,
      from: 'sm',
      cell: ({ model, thinking }) => (
        <span className="inline-flex items-center gap-1.5">
          <span className="font-mono text-sm">{model}</span>
          {thinking && <Brain size={13} className="text-faint" aria-label={t.requests.thinking} />}
        </span>
      ),
    },
    {
      id: 'key',
      title: t.common.key,
      from: 'md',
      cell: ({ key, tenant }) => (
        <span>
          {key.name}
          {administrator && <span className="text-faint"> · {tenant}</span>}
        </span>
      ),
    },
    {
      id: 'user',
      title: t.common.endUser,
      from: 'xl',
      cell: ({ userId }) => userId ?? <span className="text-faint">–</span>,
    },
    {
      id: 'engine',
      title: t.common.engine,
      from: 'xl',
      cell: ({ engine }) => engine ?? <span className="text-faint">–</span>,
    },
    {
      id: 'tokens',
      title: t.common.tokens,
      right: true,
      from: 'sm',
      cell: ({ tokens }) => (
        <span title={t.requests.cached(count(tokens.cachedInput))}>
          {count(tokens.input)} <ArrowRight aria-hidden size={11} className="inline text-faint" />{' '}
          {count(tokens.output)}
        </span>
      ),
    },
    {
      id: 'speed',
      title: 'tokens/s',
      right: true,
      from: 'xl',
      cell: ({ tokensPerSecond }) => (tokensPerSecond === null ? '–' : speed(tokensPerSecond)),
    },
    {
      id: 'first',
      title: t.requests.firstToken,
      right: true,
      from: 'lg',
      cell: ({ firstTokenMs }) => (firstTokenMs === null ? '–' : ms(firstTokenMs)),
    },
    { id: 'duration', title: t.requests.durationTitle, right: true, cell: ({ durationMs }) => ms(durationMs) },
    {
      id: 'cost',
      title: t.common.cost,
      right: true,
      from: 'md',
      cell: ({ cost, currency }) => roughMoney(cost, currency),
    },
  ]
}
