import type { ReactNode } from 'react'

interface Props {
  readonly label: string
  readonly value: ReactNode
  readonly hint?: ReactNode
}

/** One number. */
export function Tile({ label, value, hint }: Props) {
  return (
    <div className="min-w-0 px-4 py-3">
      <dt className="truncate text-sm text-faint">{label}</dt>
      <dd className="number mt-0.5">
        <span className="text-xl font-semibold tracking-tight">{value}</span>
        {hint && <span className="block truncate text-sm text-faint">{hint}</span>}
      </dd>
    </div>
  )
}

/** Numbers beside one another. */
export function Tiles({ children }: { readonly children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 max-sm:[&>:last-child:nth-child(odd)]:col-span-2 overflow-hidden rounded-lg border border-line bg-surface sm:grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] [&>*]:border-line [&>*]:shadow-[0_0_0_0.5px_var(--color-line)]">
      {children}
    </dl>
  )
}
