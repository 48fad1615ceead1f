import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RequestDetail } from '../../../../server/src/http/admin/contract.ts'
import { Badge, Status } from '../../components/badge.tsx'
import { Code } from '../../components/code.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Facts } from '../../components/panel.tsx'
import { useFormat } from '../../lib/format.ts'
import { useOverview } from '../../lib/overview.ts'
import { useProjectName } from '../../lib/projects.ts'
import { asking } from '../../lib/query.ts'
import { useMessages } from '../../messages/messages.ts'
import { toneOf } from './request-table.tsx'
import { Timeline } from './timeline.tsx'

export function RequestSheet() {
  const t = useMessages()
  const navigate = useNavigate()
  const { id } = useParams({ from: '/inside/requests/$id' })
  const request = useQuery(asking('GET /admin/requests/{id}', { params: { id } }))
  return (
    <Dialog
      place="side"
      title={t.requests.title}
      onClose={() => void navigate({ to: '/requests', search: (before) => before as object })}
    >
      <Loaded query={request}>{(data) => <Detail request={data} />}</Loaded>
    </Dialog>
  )
}

function Detail({ request }: { readonly request: RequestDetail }) {
  const t = useMessages()
  const { count, money, moment, rate, speed } = useFormat()
  const { tokens, price, cost, currency } = request
  return (
    <div className="flex flex-col gap-6">
      <div>
        <p className="flex flex-wrap items-center gap-2">
          <span className="text-lg font-medium">
            <Status tone={toneOf(request)}>{request.outcome}</Status>
          </span>
          <Badge>HTTP {request.status}</Badge>
          {request.streamed && <Badge>{t.requests.streamed}</Badge>}
          {request.thinking && <Badge>{t.requests.thinking}</Badge>}
          {request.matchedStop !== null && (
            <Badge tone="accent">{`${t.requests.stop}: ${JSON.stringify(request.matchedStop)}`}</Badge>
          )}
        </p>
        <p className="mt-1 flex items-center gap-1 font-mono text-sm text-faint">
          <span className="truncate">{request.id}</span>
          <CopyButton compact text={request.id} label={t.keys.id} />
        </p>
      </div>
      {request.error && (
        <Part title={t.requests.error}>
          <p className="rounded-md bg-bad-soft px-3 py-2 break-words text-bad">
            <span className="font-mono text-sm">{request.error.code}</span>: {request.error.message}
          </p>
        </Part>
      )}
      <Part title={t.requests.timeline}>
        <Timeline request={request} />
      </Part>
      <Facts
        facts={[
          [t.requests.time, moment(request.at)],
          [
            t.common.model,
            request.asked && request.asked !== request.model
              ? `${request.model} (${t.requests.asked}: ${request.asked})`
              : request.model,
          ],
          [t.common.key, request.key.name],
          [t.common.tenant, request.tenant],
          request.projectId !== null && [t.common.project, <OfProject key="project" id={request.projectId} />],
          [t.common.endUser, request.userId ?? '–'],
          [t.usage.input, `${count(tokens.input)} (${t.requests.cached(count(tokens.cachedInput))})`],
          [t.usage.output, `${count(tokens.output)} (${t.requests.reasoningTokens(count(tokens.reasoning))})`],
          request.tokensPerSecond !== null && ['tokens/s', speed(request.tokensPerSecond)],
          [
            t.common.cost,
            <span key="cost">
              {money(cost, currency)}
              <span className="block text-sm text-faint">
                {price
                  ? t.requests.perMillion(
                      rate(price.inputPerMillion, price.currency),
                      rate(price.cachedInputPerMillion, price.currency),
                      rate(price.outputPerMillion, price.currency),
                    )
                  : t.requests.noPrice}
              </span>
            </span>,
          ],
        ]}
      />
      <Tries tries={request.tries} />
      <Recording request={request} />
    </div>
  )
}

function OfProject({ id }: { readonly id: string }) {
  const nameOf = useProjectName()
  return (
    <Link to="/requests" search={{ project: id }} className="text-accent hover:underline">
      {nameOf(id)}
    </Link>
  )
}

function Tries({ tries }: Pick<RequestDetail, 'tries'>) {
  const t = useMessages()
  const { ms } = useFormat()
  if (tries.length === 0) return null
  return (
    <Part title={t.requests.attempts}>
      <ol className="flex flex-col gap-2">
        {tries.map((attempt, at) => (
          <li key={`${attempt.engine}${attempt.beganMs}`} className="rounded-md border border-line p-3">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="text-faint">{t.requests.attempt(at + 1)}</span>
              <span className="font-mono font-medium">{attempt.engine}</span>
              <Badge tone={attempt.message === null ? 'calm' : 'bad'}>{attempt.outcome}</Badge>
              <span className="number ml-auto text-sm text-faint">
                {ms(attempt.beganMs)} – {ms(attempt.endedMs)}
              </span>
            </p>
            <p className="mt-1 text-sm text-muted">
              {t.requests.why}: {t.requests.whys[attempt.why] ?? attempt.why}
            </p>
            {attempt.resumed && <p className="mt-1 text-sm text-muted">{t.requests.resumed(attempt.resumed.tokens)}</p>}
            {attempt.message && <p className="mt-1 text-sm break-words text-bad">{attempt.message}</p>}
          </li>
        ))}
      </ol>
    </Part>
  )
}

function Recording({ request: { recording } }: { readonly request: RequestDetail }) {
  const t = useMessages()
  const { moment } = useFormat()
  const on = useOverview().data?.recording.on ?? false
  return (
    <Part title={t.requests.recording}>
      {recording ? (
        <div className="flex flex-col gap-3">
          <p className="text-sm text-faint">{t.requests.keptUntil(moment(recording.keptUntil))}</p>
          {recording.answer.reasoning !== '' && (
            <details className="rounded-md border border-line bg-sunken">
              <summary className="px-3 py-1.5 text-sm text-muted">{t.playground.thinkingOpen}</summary>
              <p className="px-3 pt-1 pb-3 text-sm break-words whitespace-pre-wrap text-muted">
                {recording.answer.reasoning}
              </p>
            </details>
          )}
          {recording.answer.text !== '' && <Code text={recording.answer.text} label={t.requests.answer} wrap />}
          {recording.answer.toolCalls.map((call) => (
            <Code key={call.id} text={`${call.name}(${call.arguments})`} label={t.playground.call} wrap />
          ))}
          <details className="rounded-md border border-line">
            <summary className="px-3 py-1.5 text-sm text-muted">{t.requests.prompt}</summary>
            <div className="p-2">
              <Code text={JSON.stringify(recording.prompt, null, 2)} label={t.requests.prompt} wrap />
            </div>
          </details>
        </div>
      ) : (
        <p className="text-muted">{on ? t.requests.notRecorded : t.requests.recordingOff}</p>
      )}
    </Part>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 font-semibold">{title}</h3>
      {children}
    </section>
  )
}
