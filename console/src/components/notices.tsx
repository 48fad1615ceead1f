import { CircleAlert, CircleCheck } from 'lucide-react'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { cx } from './classes.ts'

interface Notice {
  readonly text: string
  readonly tone: 'good' | 'bad'
}

const shownMs = 4_000

let notice: Notice | null = null
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function show(next: Notice | null): void {
  notice = next
  for (const listener of listeners) listener()
}

/** A word at the lower edge that goes away by itself, and that screen readers say. */
export function say(text: string, tone: Notice['tone'] = 'good'): void {
  clearTimeout(timer)
  show({ text, tone })
  timer = setTimeout(() => show(null), shownMs)
}

export function Notices() {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => notice,
  )
  const ref = useRef<HTMLDivElement>(null)
  // A popover stands above open dialogs.
  useEffect(() => {
    if (current) ref.current?.showPopover()
    else ref.current?.hidePopover()
  }, [current])
  const Icon = current?.tone === 'bad' ? CircleAlert : CircleCheck
  return (
    <>
      <div role="status" className="sr-only">
        {current?.text}
      </div>
      <div
        ref={ref}
        popover="manual"
        aria-hidden
        className="appear fixed top-auto bottom-5 m-0 mx-auto max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-surface px-3.5 py-2.5 text-ink shadow-float"
      >
        {current && (
          <span className="flex items-center gap-2">
            <Icon size={16} className={cx('shrink-0', current.tone === 'bad' ? 'text-bad' : 'text-good')} />
            {current.text}
          </span>
        )}
      </div>
    </>
  )
}
