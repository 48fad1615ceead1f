import type { LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from './classes.ts'

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong font-medium shadow-lift',
  plain: 'border border-edge bg-surface text-ink hover:bg-hover shadow-lift',
  quiet: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'border border-bad bg-surface text-bad hover:bg-bad-soft',
}

export const buttonClass = (look: keyof typeof looks = 'plain', small = false): string =>
  cx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md whitespace-nowrap transition-colors select-none',
    'disabled:pointer-events-none disabled:opacity-55',
    small ? 'h-7 px-2 text-sm' : 'h-8 px-3',
    looks[look],
  )

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks
  readonly small?: boolean
  readonly icon?: LucideIcon
  readonly busy?: boolean
  readonly children?: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ look, small, icon: Icon, busy, children, className, disabled, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(buttonClass(look, small), className)}
    >
      {Icon && <Icon aria-hidden size={14} className={busy ? 'pulse' : undefined} />}
      {children}
    </button>
  )
}

/** A button that shows an icon alone; its label is for screen readers, and a hint for the mouse. */
export function IconButton({
  label,
  icon: Icon,
  className,
  ...rest
}: Omit<Props, 'children'> & { label: string; icon: LucideIcon }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-ink',
        'disabled:pointer-events-none disabled:opacity-55',
        className,
      )}
    >
      <Icon aria-hidden size={15} />
    </button>
  )
}
