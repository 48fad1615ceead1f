import type { LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from './classes.ts'

interface Item {
  readonly label: string
  readonly icon?: LucideIcon
  readonly danger?: boolean
  readonly onSelect: () => void
}

interface Props {
  readonly trigger: ReactNode
  readonly header?: ReactNode
  /** False leaves an item out. */
  readonly items: readonly (Item | false)[]
  readonly align?: 'start' | 'end'
  readonly side?: 'top' | 'bottom'
}

/** Not modal: a modal menu locks the scrolling of the page with an inline style, which our Content-Security-Policy does not allow. */
export function Menu({ trigger, header, items, align = 'end', side = 'bottom' }: Props) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="appear z-20 min-w-44 rounded-lg border border-line bg-surface p-1 shadow-float"
        >
          {header && <div className="mb-1 border-b border-line px-2.5 pt-1.5 pb-2">{header}</div>}
          {items.map(
            (item) =>
              item && (
                <DropdownMenu.Item
                  key={item.label}
                  onSelect={item.onSelect}
                  className={cx(
                    'flex h-8 items-center gap-2 rounded-md px-2.5 outline-none select-none data-highlighted:bg-hover',
                    item.danger && 'text-bad',
                  )}
                >
                  {item.icon && <item.icon aria-hidden size={14} className="shrink-0" />}
                  {item.label}
                </DropdownMenu.Item>
              ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
