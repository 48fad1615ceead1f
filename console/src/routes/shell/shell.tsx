import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Menu as MenuIcon, Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { pagesOf } from '../../lib/pages.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useShortcuts } from '../../lib/shortcuts.ts'
import { useMessages } from '../../messages/messages.ts'
import { Account } from './account.tsx'
import { Mark } from './brand.tsx'
import { Navigation } from './navigation.tsx'
import { Palette } from './palette.tsx'
import { ShortcutList } from './shortcut-list.tsx'
import { StandInBanner } from './stand-in-banner.tsx'

type Open = 'palette' | 'menu' | 'shortcuts' | null

/** What stands around every page. */
export function Shell() {
  const t = useMessages()
  const [open, setOpen] = useState<Open>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const main = useRef<HTMLElement>(null)
  useGlobalShortcuts(setOpen)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu
  useEffect(() => setOpen(null), [path])

  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[14.5rem_minmax(0,1fr)]">
      <button
        type="button"
        onClick={() => main.current?.focus()}
        className="sr-only rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-30"
      >
        {t.app.skip}
      </button>
      <aside className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-page px-3 py-3 lg:flex">
        <Link to="/" className="mb-3 flex h-8 items-center gap-2 rounded-md px-2 text-lg font-semibold tracking-tight">
          <Mark />
          {t.app.name}
        </Link>
        <button
          type="button"
          onClick={() => setOpen('palette')}
          className="mb-3 flex h-8 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-muted hover:border-edge"
        >
          <Search aria-hidden size={14} />
          <span className="truncate">{t.common.search}…</span>
          <kbd aria-hidden className="ml-auto font-sans text-xs text-faint">
            {paletteKeys}
          </kbd>
        </button>
        <div className="min-h-0 flex-1 overflow-y-auto">
          <Navigation />
        </div>
        <Account />
      </aside>
      <header className="sticky top-0 z-10 flex h-12 items-center gap-1 border-b border-line bg-page px-2 lg:hidden">
        <IconButton icon={MenuIcon} label={t.app.openMenu} onClick={() => setOpen('menu')} />
        <Link to="/" className="flex items-center gap-2 rounded-md px-1 text-lg font-semibold tracking-tight">
          <Mark size={20} />
          {t.app.name}
        </Link>
        <IconButton icon={Search} label={t.app.palette} onClick={() => setOpen('palette')} className="ml-auto" />
      </header>
      <main ref={main} tabIndex={-1} className="min-w-0 outline-none">
        <StandInBanner />
        <Outlet />
      </main>
      {open === 'palette' && <Palette onClose={() => setOpen(null)} onShortcuts={() => setOpen('shortcuts')} />}
      {open === 'shortcuts' && <ShortcutList onClose={() => setOpen(null)} />}
      {open === 'menu' && (
        <Dialog title={t.app.name} place="side" onClose={() => setOpen(null)}>
          <div className="flex h-full flex-col gap-4">
            <Navigation />
            <div className="mt-auto">
              <Account inDialog />
            </div>
          </div>
        </Dialog>
      )}
    </div>
  )
}

const paletteKeys = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'

function useGlobalShortcuts(setOpen: (open: Open) => void): void {
  const navigate = useNavigate()
  const administrator = useIsAdministrator()
  const shortcuts = useMemo(
    () => ({
      ...Object.fromEntries(
        pagesOf(administrator).map(({ letter, path }) => [`g ${letter}`, () => void navigate({ to: path })]),
      ),
      'g s': () => void navigate({ to: '/settings' }),
      '?': () => setOpen('shortcuts'),
      '/': () => document.querySelector<HTMLElement>('[data-filter]')?.focus(),
      c: () => document.querySelector<HTMLElement>('[data-create]')?.click(),
    }),
    [administrator, navigate, setOpen],
  )
  useShortcuts(shortcuts)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey) return
      event.preventDefault()
      if (!document.querySelector('dialog[open]')) setOpen('palette')
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [setOpen])
}
