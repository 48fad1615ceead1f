import type { ReactNode } from 'react'
import { cx } from './classes.ts'

interface Props {
  readonly title?: string
  readonly hint?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  readonly padded?: boolean
  readonly className?: string
}

/** A box with a heading. */
export function Panel({ title, hint, actions, children, padded, className }: Props) {
  return (
    <section className={cx('min-w-0 rounded-lg border border-line bg-surface', className)}>
      {title && (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
          <div className="flex flex-wrap items-baseline gap-x-2">
            <h2 className="font-semibold">{title}</h2>
            {hint && <span className="text-sm text-faint">{hint}</span>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={cx(padded && 'p-4')}>{children}</div>
    </section>
  )
}

/** Facts as pairs of a name and a value. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode] | false | undefined)[] }) {
  return (
    <dl className="grid grid-cols-[7rem_minmax(0,1fr)] sm:grid-cols-[11rem_minmax(0,1fr)] items-baseline gap-x-5 gap-y-1.5">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]} className="contents">
              <dt className="text-faint">{fact[0]}</dt>
              <dd className="number min-w-0 break-words">{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
