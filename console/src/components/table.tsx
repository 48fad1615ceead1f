import type { ReactNode } from 'react'
import { cx } from './classes.ts'

export interface Column<T> {
  readonly id: string
  readonly title: string
  readonly cell: (item: T) => ReactNode
  /** Numbers stand at the right. */
  readonly right?: boolean
  /** From which width on it is shown; narrower pages leave it to the details. */
  readonly from?: 'sm' | 'md' | 'lg' | 'xl'
  readonly hideTitle?: boolean
}

const shown = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden', xl: 'max-xl:hidden' }

interface Props<T> {
  readonly caption: string
  readonly columns: readonly Column<T>[]
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  /** A click anywhere on a row; the keyboard has the link or the button that the first cell holds. */
  readonly onOpen?: (item: T) => void
  readonly selected?: string | undefined
}

export function Table<T>({ caption, columns, items, keyOf, onOpen, selected }: Props<T>) {
  return (
    <table className="w-full border-collapse text-left">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ id, title, right, from, hideTitle }) => (
            <th
              key={id}
              scope="col"
              className={cx(
                'h-8 border-b border-line px-3 text-sm font-medium whitespace-nowrap text-faint first:pl-4 last:pr-4',
                right && 'text-right',
                from && shown[from],
              )}
            >
              {hideTitle ? <span className="sr-only">{title}</span> : title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => {
          const key = keyOf(item)
          return (
            <tr
              key={key}
              className={cx(
                'border-b border-line last:border-0',
                onOpen && 'cursor-pointer hover:bg-hover',
                selected === key && 'bg-hover',
              )}
              onClick={
                onOpen &&
                ((event) => {
                  if (!(event.target as Element).closest('a,button,input,[role="menuitem"]')) onOpen(item)
                })
              }
            >
              {columns.map(({ id, cell, right, from }) => (
                <td
                  key={id}
                  className={cx(
                    'h-11 px-3 py-1.5 first:pl-4 last:pr-4',
                    right && 'number text-right whitespace-nowrap',
                    from && shown[from],
                  )}
                >
                  {cell(item)}
                </td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
