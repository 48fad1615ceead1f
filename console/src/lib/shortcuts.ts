import { useEffect } from 'react'
import { preference } from './preferences.ts'

/** How long the second key of `g k` may take. */
const pairMs = 1_200

/** Keys to what they do: `c`, `?`, or two in a row such as `g k`. */
export type Shortcuts = Readonly<Record<string, () => void>>

/** Reads keys one by one. @returns what to do, if the keys so far say something */
export function shortcutReader(): (key: string, at: number, shortcuts: Shortcuts) => (() => void) | undefined {
  let first = ''
  let firstAt = 0
  return (key, at, shortcuts) => {
    const pair = first && at - firstAt <= pairMs ? shortcuts[`${first} ${key}`] : undefined
    const begins = !pair && Object.keys(shortcuts).some((name) => name.startsWith(`${key} `))
    first = begins ? key : ''
    firstAt = at
    return pair ?? (begins ? undefined : shortcuts[key])
  }
}

/** Shortcuts of what is on the page now. They rest while somebody types, in dialogs, and where they are switched off. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const read = shortcutReader()
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
      if (preference('shortcuts') === 'off' || document.querySelector('dialog[open]')) return
      const action = read(event.key, event.timeStamp, shortcuts)
      if (!action) return
      event.preventDefault()
      action()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [shortcuts])
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
