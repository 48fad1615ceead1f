import type { EngineLook } from '../../../../server/src/http/admin/contract.ts'
import { useFormat } from '../../lib/format.ts'
import { useMessages } from '../../messages/messages.ts'

/** An engine behind HTTP has so many places where nobody said how many: that is no number to look at. */
const placesByDefault = 10_000

/** How many places of an engine are taken, and who waits. */
export function Load({ engine: { running, slots, waiting, others } }: { readonly engine: EngineLook }) {
  const t = useMessages()
  const { count } = useFormat()
  return (
    <span className="number flex items-center gap-2.5">
      {slots < placesByDefault ? (
        <>
          <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-hover">
            <span
              className="block h-full bg-accent"
              style={{ width: `${Math.min(100, (100 * running) / Math.max(1, slots))}%` }}
            />
          </span>
          <span className="whitespace-nowrap">{t.models.loadOf(count(running), count(slots))}</span>
        </>
      ) : (
        <span className="whitespace-nowrap">{t.models.running(running)}</span>
      )}
      {waiting > 0 && <span className="text-sm text-warn">{t.models.waiting(waiting)}</span>}
      {others > 0 && <span className="text-sm text-faint">{t.models.others(others)}</span>}
    </span>
  )
}
