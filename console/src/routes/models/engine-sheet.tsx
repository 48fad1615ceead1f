import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import type { EngineLook } from '../../../../server/src/http/admin/contract.ts'
import { Badge, Status } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { textOf } from '../../components/failure.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { say } from '../../components/notices.tsx'
import { Facts } from '../../components/panel.tsx'
import { call } from '../../lib/api.ts'
import { useFormat } from '../../lib/format.ts'
import { asking, refresh } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'
import { NotFound } from '../exceptions.tsx'
import { Conformance } from './conformance.tsx'
import { Load } from './load.tsx'
import { engineTones } from './models.tsx'

export function EngineSheet() {
  const t = useMessages()
  const navigate = useNavigate()
  const { engine: id } = useParams({ from: '/inside/models/$engine' })
  const engines = useQuery({ ...asking('GET /admin/engines', {}), refetchInterval: 5_000 })
  const found = engines.data?.items.find((one) => one.id === id)
  return (
    <Dialog
      place="side"
      title={id}
      onClose={() => void navigate({ to: '/models' })}
      footer={found && <Drain engine={found} />}
    >
      <Loaded query={engines}>
        {({ items }) => {
          const engine = items.find((one) => one.id === id)
          return engine ? (
            <div className="flex flex-col gap-6">
              <EngineFacts engine={engine} />
              <LastErrors engine={engine} />
              <section>
                <h3 className="mb-1 font-semibold">{t.models.conformance}</h3>
                <Conformance id={engine.id} />
              </section>
            </div>
          ) : (
            <NotFound />
          )
        }}
      </Loaded>
    </Dialog>
  )
}

/** Before an engine is stopped: it gets nothing new, and what it works on goes on elsewhere or is finished. */
function Drain({ engine: { id, drained } }: { readonly engine: EngineLook }) {
  const t = useMessages()
  const change = useMutation({
    mutationFn: () =>
      call(drained ? 'DELETE /admin/engines/{id}/drain' : 'POST /admin/engines/{id}/drain', { params: { id } }),
    onSuccess: async () => {
      await refresh('GET /admin/engines', 'GET /admin/models')
      say(drained ? t.models.takenBack(id) : t.models.takenOut(id))
    },
    onError: (error) => say(textOf(error, t), 'bad'),
  })
  return (
    <>
      <p className="mr-auto self-center text-sm text-faint max-sm:hidden">{!drained && t.models.takeOutHint}</p>
      <Button busy={change.isPending} onClick={() => change.mutate()}>
        {drained ? t.models.takeBack : t.models.takeOut}
      </Button>
    </>
  )
}

function EngineFacts({ engine }: { readonly engine: EngineLook }) {
  const t = useMessages()
  const { ms } = useFormat()
  const { breaker } = engine
  return (
    <Facts
      facts={[
        [
          t.common.status,
          <Status key="state" tone={engineTones[engine.state]}>
            {t.models.states[engine.state]}
          </Status>,
        ],
        [
          t.models.breaker,
          <span key="breaker">
            {t.models.breakers[breaker.state]}
            {breaker.retryInMs !== null && `, ${t.models.retryIn(ms(breaker.retryInMs))}`}
            {breaker.cause && <span className="block text-sm text-muted">{t.models.causes[breaker.cause]}</span>}
          </span>,
        ],
        [t.models.load, <Load key="load" engine={engine} />],
        [t.common.engine, `${engine.kind}, ${t.models.faces[engine.face]}`],
        engine.url !== null && [
          t.models.url,
          <span key="url" className="font-mono text-sm break-all">
            {engine.url}
          </span>,
        ],
        [
          t.models.engineModel,
          <span key="model" className="font-mono text-sm break-all">
            {engine.model}
          </span>,
        ],
        [
          t.models.modelsTitle,
          <span key="models" className="flex flex-wrap gap-1">
            {engine.models.map((model) => (
              <Badge key={model}>{model}</Badge>
            ))}
          </span>,
        ],
        [t.models.window, t.common.tokenCount(engine.contextWindow)],
        [t.models.maxOutput, t.common.tokenCount(engine.maxOutput)],
        [
          t.models.can,
          [engine.canThink && t.models.thinking, engine.canLogprobs && t.models.logprobs].filter(Boolean).join(', ') ||
            '–',
        ],
      ]}
    />
  )
}

function LastErrors({ engine: { lastErrors } }: { readonly engine: EngineLook }) {
  const t = useMessages()
  const { ago, moment } = useFormat()
  return (
    <section>
      <h3 className="mb-2 font-semibold">{t.models.lastErrors}</h3>
      {lastErrors.length === 0 ? (
        <p className="text-muted">{t.models.noErrors}</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {lastErrors.map(({ at, code, message, requestId }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two errors may be alike
            <li key={place} className="rounded-md border border-line px-3 py-2">
              <p className="flex flex-wrap items-center justify-between gap-2">
                <Badge tone="bad">{code}</Badge>
                <time dateTime={at} title={moment(at)} className="text-sm text-faint">
                  {ago(at)}
                </time>
              </p>
              <p className="mt-1 text-sm break-words text-muted">{message}</p>
              {requestId && (
                <Link
                  to="/requests/$id"
                  params={{ id: requestId }}
                  className="font-mono text-xs text-accent hover:underline"
                >
                  {requestId}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
