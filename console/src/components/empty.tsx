import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

interface Props {
  readonly icon: LucideIcon
  readonly title: string
  /** What to do next. */
  readonly hint: string
  readonly children?: ReactNode
}

export function Empty({ icon: Icon, title, hint, children }: Props) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <span className="flex size-10 items-center justify-center rounded-lg border border-line bg-sunken text-muted">
        <Icon aria-hidden size={18} />
      </span>
      <div>
        <p className="font-medium">{title}</p>
        <p className="mt-1 max-w-96 text-muted">{hint}</p>
      </div>
      {children && <div className="mt-1 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  )
}
