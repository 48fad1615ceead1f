import { useSyncExternalStore } from 'react'

/** What somebody chose for this browser. `theme` is also read by public/theme.js, before the first paint. */
interface Preferences {
  readonly theme: 'system' | 'light' | 'dark'
  /** A language of messages/, or `system`. */
  readonly language: string
  /** Shortcuts of single letters can be in the way of speech input (WCAG 2.1.4). */
  readonly shortcuts: 'on' | 'off'
  /** The tenant on whose account the playground asks. */
  readonly playgroundTenant: string
}

const defaults: Preferences = { theme: 'system', language: 'system', shortcuts: 'on', playgroundTenant: 'default' }

const listeners = new Set<() => void>()
/** For a browser that keeps nothing. */
const fallback = new Map<string, string>()

export function preference<K extends keyof Preferences>(name: K): Preferences[K] {
  try {
    return (localStorage.getItem(`tidegate.${name}`) ?? defaults[name]) as Preferences[K]
  } catch {
    return (fallback.get(name) ?? defaults[name]) as Preferences[K]
  }
}

export function prefer<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  try {
    localStorage.setItem(`tidegate.${name}`, value)
  } catch {
    fallback.set(name, value)
  }
  if (name === 'theme') showTheme()
  for (const listener of listeners) listener()
}

export const usePreference = <K extends keyof Preferences>(name: K): Preferences[K] =>
  useSyncExternalStore(subscribe, () => preference(name))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function showTheme(): void {
  const theme = preference('theme')
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** Whether the page is dark now, whoever decided it; charts are drawn anew when it changes. */
export const useDark = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      const media = matchMedia('(prefers-color-scheme: dark)')
      media.addEventListener('change', listener)
      const unsubscribe = subscribe(listener)
      return () => {
        media.removeEventListener('change', listener)
        unsubscribe()
      }
    },
    () => {
      const theme = preference('theme')
      return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
    },
  )
