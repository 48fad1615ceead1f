import { X } from 'lucide-react'
import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from 'react'
import { useMessages } from '../messages/messages.ts'
import { IconButton } from './button.tsx'
import { cx } from './classes.ts'

interface Props {
  readonly title: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons below, at the right. */
  readonly footer?: ReactNode
  /** `side`: a sheet at the right edge, for details. */
  readonly place?: 'centre' | 'side' | 'top'
  readonly wide?: boolean
  /** A click beside it, and Esc, close it; not where something would be lost. */
  readonly sticky?: boolean
  readonly bare?: boolean
}

/** Parts of the page without its scrollbar, which keeps its place. */
const places = {
  centre: 'appear m-auto w-[min(30rem,calc(100%-1.5rem))] max-h-[calc(100dvh-1.5rem)] rounded-lg border border-line',
  side: 'slide mr-0 ml-auto h-dvh w-[min(42rem,100%)] border-l border-line',
  top: 'appear mx-auto mt-[12vh] w-[min(34rem,calc(100%-1.5rem))] max-h-[70vh] rounded-lg border border-line',
}

/**
 * The browser's own modal dialog: focus stays in it and goes back where it came from, the rest of the page is inert, Esc closes it.
 * Libraries do the same with inline styles, which our Content-Security-Policy does not allow.
 */
export function Dialog({ title, onClose, children, footer, place = 'centre', wide, sticky, bare }: Props) {
  const t = useMessages()
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current
    if (dialog && !dialog.open) {
      dialog.showModal()
      // Where somebody begins: the first thing to fill in, else the title, for screen readers to say.
      const first = ['[data-first]', 'input, select, textarea', 'h2'].map((one) =>
        dialog.querySelector<HTMLElement>(one),
      )
      first.find((one) => one !== null)?.focus()
    }
    return () => dialog?.close()
  }, [])

  const onCancel = (event: SyntheticEvent) => {
    event.preventDefault()
    if (!sticky) onClose()
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Esc, which the browser turns into `cancel`
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={onCancel}
      onClick={(event) => {
        if (event.target === ref.current && !sticky) onClose()
      }}
      className={cx(
        'overflow-hidden bg-surface p-0 shadow-float',
        places[place],
        wide && 'w-[min(46rem,calc(100%-1.5rem))]',
      )}
    >
      <div className={cx('flex flex-col', place === 'side' ? 'h-full' : 'max-h-[inherit]')}>
        <header className={cx('flex items-center gap-3 border-b border-line py-2.5 pr-2.5 pl-5', bare && 'sr-only')}>
          <h2 id={titleId} tabIndex={-1} className="min-w-0 outline-none flex-1 truncate text-lg font-semibold">
            {title}
          </h2>
          {!sticky && !bare && <IconButton icon={X} label={t.common.close} onClick={onClose} />}
        </header>
        <div className={cx('min-h-0 flex-1 overflow-y-auto', !bare && 'px-5 py-4')} tabIndex={bare ? undefined : 0}>
          {children}
        </div>
        {footer && (
          <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
        )}
      </div>
    </dialog>
  )
}
