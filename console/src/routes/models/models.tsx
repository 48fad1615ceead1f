import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { Boxes } from 'lucide-react'
import type { EngineLook, ModelLook } from '../../../../server/src/http/admin/contract.ts'
import { Badge, Status, type Tone } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useFormat } from '../../lib/format.ts'
import { asking } from '../../lib/query.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import { Load } from './load.tsx'

export const engineTones: Record<EngineLook['state'], Tone> = {
  well: 'good',
  starting: 'accent',
  draining: 'accent',
  'left-alone': 'warn',
  down: 'bad',
}

export function Models() {
  const t = useMessages()
  const models = useQuery({ ...asking('GET /admin/models', {}), refetchInterval: 10_000 })
  const administrator = useIsAdministrator()
  const columns = useModelColumns()
  return (
    <Page title={t.pages.models} intro={t.models.intro}>
      <Panel title={t.models.modelsTitle}>
        <Loaded query={models}>
          {({ items }) =>
            items.length > 0 ? (
              <Table caption={t.models.modelsTitle} columns={columns} items={items} keyOf={({ id }) => id} />
            ) : (
              <Empty icon={Boxes} title={t.models.noModels} hint={t.models.noModelsHint} />
            )
          }
        </Loaded>
      </Panel>
      {administrator && <Engines />}
      <Outlet />
    </Page>
  )
}

function Engines() {
  const t = useMessages()
  const navigate = useNavigate()
  const engines = useQuery({ ...asking('GET /admin/engines', {}), refetchInterval: 5_000 })
  const seenFrom = engines.data?.seenFrom
  const columns = useEngineColumns()
  return (
    <Panel title={t.models.enginesTitle} hint={seenFrom && t.models.seenFrom(seenFrom)}>
      <Loaded query={engines}>
        {({ items }) => (
          <Table
            caption={t.models.enginesTitle}
            columns={columns}
            items={items}
            keyOf={({ id }) => id}
            onOpen={({ id }) => void navigate({ to: '/models/$engine', params: { engine: id } })}
          />
        )}
      </Loaded>
    </Panel>
  )
}

function useModelColumns(): readonly Column<ModelLook>[] {
  const t = useMessages()
  const { count, rate } = useFormat()
  return [
    {
      id: 'id',
      title: t.common.model,
      cell: ({ id, aliases, standIn }) => (
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            <span className="break-all">{id}</span>
            {standIn !== null && <Badge tone="warn">{standIn}</Badge>}
          </p>
          {aliases.length > 0 && (
            <p className="text-sm break-words text-faint">
              {t.models.alsoCalled} {aliases.map(({ name }) => name).join(', ')}
            </p>
          )}
        </div>
      ),
    },
    {
      id: 'well',
      title: t.common.status,
      cell: ({ well }) => <Status tone={well ? 'good' : 'bad'}>{well ? t.models.well : t.models.notWell}</Status>,
    },
    {
      id: 'can',
      title: t.models.can,
      from: 'lg',
      cell: ({ canThink, canLogprobs, thinkingByDefault }) => (
        <span className="flex flex-wrap gap-1">
          {canThink && <Badge>{thinkingByDefault ? t.models.thinksByDefault : t.models.thinking}</Badge>}
          {canLogprobs && <Badge>{t.models.logprobs}</Badge>}
        </span>
      ),
    },
    {
      id: 'window',
      title: t.models.window,
      right: true,
      from: 'md',
      cell: ({ contextWindow }) => count(contextWindow),
    },
    { id: 'output', title: t.models.maxOutput, right: true, from: 'lg', cell: ({ maxOutput }) => count(maxOutput) },
    {
      id: 'price',
      title: t.requests.price,
      right: true,
      from: 'md',
      cell: ({ price }) =>
        price ? (
          <span title={t.models.perMillionHint}>
            {t.models.perMillion(
              rate(price.inputPerMillion, price.currency),
              rate(price.outputPerMillion, price.currency),
            )}
          </span>
        ) : (
          <span className="text-faint">{t.models.free}</span>
        ),
    },
    {
      id: 'replicas',
      title: t.models.replicas,
      from: 'sm',
      cell: ({ replicas }) => (
        <span className="flex flex-wrap gap-x-3 gap-y-1">
          {replicas.map(({ engine, weight, well }) => (
            <span key={engine} className="inline-flex items-center gap-1.5">
              <Status tone={well ? 'good' : 'bad'}>{engine}</Status>
              {weight !== 1 && <span className="text-sm text-faint">{t.models.weight(String(weight))}</span>}
            </span>
          ))}
        </span>
      ),
    },
  ]
}

function useEngineColumns(): readonly Column<EngineLook>[] {
  const t = useMessages()
  const { ago } = useFormat()
  return [
    {
      id: 'id',
      title: t.common.engine,
      cell: ({ id, kind, face }) => (
        <div>
          <Link to="/models/$engine" params={{ engine: id }} className="font-medium hover:underline">
            {id}
          </Link>
          <p className="text-sm text-faint">
            {kind} · {t.models.faces[face]}
          </p>
        </div>
      ),
    },
    {
      id: 'state',
      title: t.common.status,
      cell: ({ state }) => <Status tone={engineTones[state]}>{t.models.states[state]}</Status>,
    },
    { id: 'load', title: t.models.load, from: 'sm', cell: (engine) => <Load engine={engine} /> },
    {
      id: 'models',
      title: t.models.modelsTitle,
      from: 'lg',
      cell: ({ models }) => (
        <span className="flex flex-wrap gap-1">
          {models.map((model) => (
            <Badge key={model}>{model}</Badge>
          ))}
        </span>
      ),
    },
    {
      id: 'errors',
      title: t.models.lastErrors,
      from: 'md',
      cell: ({ lastErrors: [last] }) =>
        last ? (
          <span className="text-sm">
            <span className="text-bad">{last.code}</span> <span className="text-faint">{ago(last.at)}</span>
          </span>
        ) : (
          <span className="text-faint">{t.common.none}</span>
        ),
    },
    {
      id: 'check',
      title: t.models.conformance,
      from: 'xl',
      cell: ({ check }) => {
        const tally = check?.summary.through ?? check?.summary.direct
        if (!tally) return <span className="text-faint">{t.models.neverChecked}</span>
        return (
          <span className="inline-flex gap-1.5">
            <Badge tone="good">{`${tally.kept} ✓`}</Badge>
            {tally.broken > 0 && <Badge tone="bad">{`${tally.broken} ✗`}</Badge>}
          </span>
        )
      },
    },
  ]
}
