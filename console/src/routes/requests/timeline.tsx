import type { RequestDetail } from '../../../../server/src/http/admin/contract.ts'
import { cx } from '../../components/classes.ts'
import { useFormat } from '../../lib/format.ts'
import { type Phase, phasesOf } from '../../lib/timeline.ts'
import type { Messages } from '../../messages/en.ts'
import { useMessages } from '../../messages/messages.ts'

const colours: Record<Phase['name'], string> = {
  waiting: 'bg-series-8',
  firstToken: 'bg-series-3',
  noToken: 'bg-series-8',
  answering: 'bg-series-1',
}

/** Of an attempt: its engine, and why that one. */
function detailOf(detail: string, t: Messages): string {
  const [, engine, why = ''] = /^(.*), ([a-z-]+)$/.exec(detail) ?? []
  const said = t.requests.whys[why]
  return engine !== undefined && said ? `${engine}, ${said}` : detail
}

/** A request's time as a bar, each try below it on the same scale, and what happened when. */
export function Timeline({ request }: { readonly request: RequestDetail }) {
  const t = useMessages()
  const { ms } = useFormat()
  const whole = Math.max(1, request.durationMs)
  const place = (fromMs: number, toMs: number) => ({
    left: `${(100 * Math.min(fromMs, whole)) / whole}%`,
    width: `max(3px, ${(100 * Math.max(0, Math.min(toMs, whole) - fromMs)) / whole}%)`,
  })
  const phases = phasesOf(request)
  return (
    <div className="flex flex-col gap-3">
      <div aria-hidden className="relative h-6 overflow-hidden rounded-md bg-sunken">
        {phases.map(({ name, fromMs, toMs }) => (
          <span key={name} className={cx('absolute inset-y-0', colours[name])} style={place(fromMs, toMs)} />
        ))}
      </div>
      {request.tries.length > 1 &&
        request.tries.map((attempt) => (
          <div key={`${attempt.engine}${attempt.beganMs}`} className="flex items-center gap-3 text-sm">
            <span className="w-24 shrink-0 truncate text-muted">{attempt.engine}</span>
            <span aria-hidden className="relative h-2.5 flex-1 rounded-sm bg-sunken">
              <span
                className={cx(
                  'absolute inset-y-0 rounded-sm',
                  attempt.outcome === 'ok' ? 'bg-series-1' : attempt.outcome === 'outraced' ? 'bg-series-8' : 'bg-bad',
                )}
                style={place(attempt.beganMs, attempt.endedMs)}
              />
            </span>
          </div>
        ))}
      <ul className="number flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">
        {phases.map(({ name, fromMs, toMs }) => (
          <li key={name} className="flex items-center gap-1.5">
            <span aria-hidden className={cx('size-2 rounded-sm', colours[name])} />
            {t.requests.phases[name]} <span className="font-medium text-ink">{ms(toMs - fromMs)}</span>
          </li>
        ))}
      </ul>
      <ol className="flex flex-col border-l border-line pl-4">
        {request.timeline.map(({ atMs, what, detail }, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: what happened does not change its place
            key={at}
            className="relative flex gap-3 py-1 text-sm before:absolute before:top-2.5 before:-left-[1.1875rem] before:size-1.5 before:rounded-full before:bg-edge"
          >
            <span className="number w-20 shrink-0 text-faint">{ms(atMs)}</span>
            <span className="min-w-0 break-words">
              {t.requests.steps[what] ?? what} {detail && <span className="text-muted">{detailOf(detail, t)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}
