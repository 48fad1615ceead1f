import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from '../../components/button.tsx'
import { Snippets } from '../../components/code.tsx'
import { Panel } from '../../components/panel.tsx'
import { useFirstModel } from '../../lib/models.ts'
import { useBaseUrl } from '../../lib/overview.ts'
import { useMessages } from '../../messages/messages.ts'

/** What to do on a service that nobody has asked anything. */
export function FirstRequest() {
  const t = useMessages()
  const baseUrl = useBaseUrl()
  const model = useFirstModel() ?? 'deepseek-v4-flash'
  const { steps } = t.overview
  const body = { model, messages: [{ role: 'user', content: 'Hello!' }] }
  return (
    <Panel title={t.overview.first} hint={t.overview.firstHint}>
      <div className="grid gap-6 p-4 lg:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]">
        <ol className="flex flex-col gap-5">
          <Step number={1} title={steps.key} hint={steps.keyHint}>
            <Link to="/keys" search={{ new: 'yes' }} className={buttonClass('primary', true)}>
              <Plus aria-hidden size={13} /> {t.keys.create}
            </Link>
          </Step>
          <Step number={2} title={steps.ask} hint={steps.askHint}>
            <Link to="/playground" className={buttonClass('plain', true)}>
              {t.overview.openPlayground}
            </Link>
          </Step>
          <Step number={3} title={steps.watch} hint={steps.watchHint} />
        </ol>
        <Snippets request={{ baseUrl, key: '$TIDEGATE_API_KEY', body }} />
      </div>
    </Panel>
  )
}

interface StepProps {
  readonly number: number
  readonly title: string
  readonly hint: string
  readonly children?: ReactNode
}

function Step({ number, title, hint, children }: StepProps) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden
        className="number flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent"
      >
        {number}
      </span>
      <div>
        <p className="font-medium">{title}</p>
        <p className="text-muted">{hint}</p>
        {children && <div className="mt-2">{children}</div>}
      </div>
    </li>
  )
}
