import { type FormEvent, type ReactNode, useId } from 'react'
import { useMessages } from '../messages/messages.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Failure } from './failure.tsx'

interface Props {
  readonly title: string
  /** What the button says that sends the form. */
  readonly action: string
  readonly look?: 'primary' | 'danger'
  readonly place?: 'centre' | 'side'
  /** What sending does, e.g. what `useMutation` returns. */
  readonly doing: { readonly mutate: () => void; readonly isPending: boolean; readonly error: Error | null }
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A form in a dialog: Enter sends it, what goes wrong stands below the fields, and nothing that was filled in is lost. */
export function FormDialog({ title, action, look = 'primary', place = 'centre', doing, onClose, children }: Props) {
  const t = useMessages()
  const formId = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    doing.mutate()
  }
  return (
    <Dialog
      place={place}
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" form={formId} look={look} busy={doing.isPending}>
            {action}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {children}
      </form>
      {doing.error && <Failure error={doing.error} />}
    </Dialog>
  )
}
