import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, LogOut, Moon, Settings, Sun } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { textOf } from '../../components/failure.tsx'
import { Menu } from '../../components/menu.tsx'
import { say } from '../../components/notices.tsx'
import { call } from '../../lib/api.ts'
import { prefer, useDark } from '../../lib/preferences.ts'
import { forgetSession, useMe } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'

/** Who is signed in, and the way out. A menu would open behind a dialog: there its items stand as buttons. */
export function Account({ inDialog }: { readonly inDialog?: boolean }) {
  const t = useMessages()
  const me = useMe()
  const dark = useDark()
  const navigate = useNavigate()
  const role = me.tenant === null ? t.account.administrator : t.account.member(me.tenant)
  const signOut = () =>
    call('DELETE /admin/session', {}).then(
      () => {
        forgetSession()
        void navigate({ to: '/sign-in' })
      },
      (error: Error) => say(textOf(error, t), 'bad'),
    )
  const items = [
    { label: t.pages.settings, icon: Settings, onSelect: () => void navigate({ to: '/settings' }) },
    {
      label: dark ? t.account.themes.light : t.account.themes.dark,
      icon: dark ? Sun : Moon,
      onSelect: () => prefer('theme', dark ? 'light' : 'dark'),
    },
    { label: t.account.signOut, icon: LogOut, onSelect: () => void signOut() },
  ]
  if (inDialog)
    return (
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-4">
        <p className="w-full">
          <span className="font-medium">{me.name}</span> <span className="text-faint">{role}</span>
        </p>
        {items.map(({ label, icon, onSelect }) => (
          <Button key={label} icon={icon} onClick={onSelect}>
            {label}
          </Button>
        ))}
      </div>
    )
  return (
    <Menu
      side="top"
      align="start"
      items={items}
      trigger={
        <button
          type="button"
          className="mt-2 flex items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-hover"
        >
          <span
            aria-hidden
            className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent uppercase"
          >
            {me.name.slice(0, 1)}
          </span>
          <span className="sr-only">{t.account.menu}</span>
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{me.name}</span>
            <span className="block truncate text-xs text-faint">{role}</span>
          </span>
          <ChevronsUpDown aria-hidden size={14} className="shrink-0 text-faint" />
        </button>
      }
    />
  )
}
