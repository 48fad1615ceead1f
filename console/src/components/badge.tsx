import type { ReactNode } from 'react'
import { cx } from './classes.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'calm'

const softs: Record<Tone, string> = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  accent: 'bg-accent-soft text-accent',
  calm: 'bg-hover text-muted',
}

export function Badge({ tone = 'calm', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span className={cx('inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-sm whitespace-nowrap', softs[tone])}>
      {children}
    </span>
  )
}

const dots: Record<Tone, string> = {
  good: 'bg-good',
  warn: 'bg-series-3',
  bad: 'bg-bad',
  accent: 'bg-accent',
  calm: 'border-[1.5px] border-faint',
}

/** A state, as a dot and a word: never by colour alone. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-2 sm:whitespace-nowrap">
      <span aria-hidden className={cx('size-2 shrink-0 rounded-full', dots[tone])} />
      {children}
    </span>
  )
}
