import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useMessages } from '../messages/messages.ts'
import { Button, IconButton } from './button.tsx'
import { say } from './notices.tsx'

interface Props {
  readonly text: string
  /** What is copied, for screen readers. */
  readonly label?: string
  readonly compact?: boolean
  readonly look?: 'primary' | 'plain' | 'quiet'
}

export function CopyButton({ text, label, compact, look = 'quiet' }: Props) {
  const t = useMessages()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_800)
    return () => clearTimeout(timer)
  }, [copied])

  const copy = () =>
    copyText(text).then(
      () => {
        setCopied(true)
        say(t.common.copied)
      },
      () => say(t.common.copyFailed, 'bad'),
    )
  const icon = copied ? Check : Copy
  return compact ? (
    <IconButton
      icon={icon}
      label={label ? `${t.common.copy}: ${label}` : t.common.copy}
      onClick={() => void copy()}
      className="size-7"
    />
  ) : (
    <Button look={look} small={look === 'quiet'} icon={icon} onClick={() => void copy()}>
      {copied ? t.common.copied : t.common.copy}
    </Button>
  )
}

/** A page that came over plain http from another machine has no clipboard: there the old way is left. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  // Within an open dialog, where the rest of the page cannot be selected.
  const place = document.querySelector('dialog[open]') ?? document.body
  place.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (!done) throw new Error('not copied')
}
