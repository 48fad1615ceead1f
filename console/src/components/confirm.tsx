import { useMutation } from '@tanstack/react-query'
import { useMessages } from '../messages/messages.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Failure } from './failure.tsx'

interface Props {
  readonly title: string
  readonly text: string
  readonly action: string
  readonly run: () => Promise<unknown>
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, text, action, run, onClose }: Props) {
  const t = useMessages()
  const doing = useMutation({ mutationFn: run, onSuccess: onClose })
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button look="danger" busy={doing.isPending} onClick={() => doing.mutate()}>
            {action}
          </Button>
        </>
      }
    >
      <p className="text-muted">{text}</p>
      {doing.error && <Failure error={doing.error} />}
    </Dialog>
  )
}
