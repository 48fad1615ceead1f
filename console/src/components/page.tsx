import { type ReactNode, useEffect } from 'react'
import { useMessages } from '../messages/messages.ts'

interface Props {
  readonly title: string
  readonly intro?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, intro, actions, children }: Props) {
  const t = useMessages()
  useEffect(() => {
    document.title = `${title} · ${t.app.name}`
  }, [title, t])
  return (
    <div className="mx-auto flex w-full max-w-[88rem] flex-col gap-4 px-4 py-5 md:px-8 md:py-7">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {intro && <p className="mt-0.5 text-muted">{intro}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
