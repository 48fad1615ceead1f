import { useNavigate } from '@tanstack/react-router'
import { Contrast, Keyboard, KeyRound, type LucideIcon, MessageSquarePlus, Settings } from 'lucide-react'
import { type KeyboardEvent, useId, useState } from 'react'
import { cx } from '../../components/classes.ts'
import { Dialog } from '../../components/dialog.tsx'
import { fuzzy } from '../../lib/fuzzy.ts'
import { pagesOf } from '../../lib/pages.ts'
import { prefer, useDark } from '../../lib/preferences.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'

interface Command {
  readonly id: string
  readonly label: string
  readonly icon: LucideIcon
  readonly keys?: string
  readonly run: () => void
}

interface Props {
  readonly onClose: () => void
  readonly onShortcuts: () => void
}

/** Everything by its name: a combobox over a list of commands. */
export function Palette({ onClose, onShortcuts }: Props) {
  const t = useMessages()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const found = useCommands(onShortcuts)
    .map((command) => ({ command, score: fuzzy(command.label, typed) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => (typed === '' ? 0 : b.score - a.score))
    .map(({ command }) => command)
  const current = found[Math.min(chosen, found.length - 1)]

  const run = (command: Command | undefined) => {
    if (!command) return
    onClose()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && found.length > 0) setChosen((at) => (at + step + found.length) % found.length)
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(current)
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={t.app.palette} place="top" bare onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={current && `${id}-${current.id}`}
        aria-label={t.app.palette}
        autoComplete="off"
        placeholder={t.palette.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
        className="h-12 w-full border-b border-line bg-surface px-4 text-lg outline-none"
      />
      <p role="status" className="sr-only">
        {t.palette.results(found.length)}
      </p>
      {found.length === 0 && <p className="px-4 py-6 text-center text-muted">{t.palette.none}</p>}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t.app.palette}
        className={cx('p-1.5', found.length === 0 && 'hidden')}
      >
        {found.map((command) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keyboard
          <div
            key={command.id}
            id={`${id}-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === current}
            ref={command === current ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            onClick={() => run(command)}
            onMouseMove={() => setChosen(found.indexOf(command))}
            className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 aria-selected:bg-hover"
          >
            <command.icon aria-hidden size={15} className="shrink-0 text-muted" />
            <span className="truncate">{command.label}</span>
            {command.keys && <kbd className="ml-auto font-sans text-sm text-faint">{command.keys}</kbd>}
          </div>
        ))}
      </div>
    </Dialog>
  )
}

function useCommands(onShortcuts: () => void): readonly Command[] {
  const t = useMessages()
  const navigate = useNavigate()
  const administrator = useIsAdministrator()
  const dark = useDark()
  return [
    {
      id: 'create-key',
      label: t.palette.createKey,
      icon: KeyRound,
      run: () => void navigate({ to: '/keys', search: { new: 'yes' } }),
    },
    {
      id: 'new-chat',
      label: t.palette.newChat,
      icon: MessageSquarePlus,
      run: () => void navigate({ to: '/playground' }),
    },
    ...pagesOf(administrator).map(({ id, path, icon, letter }) => ({
      id,
      icon,
      label: t.palette.goTo(t.pages[id]),
      keys: `g ${letter}`,
      run: () => void navigate({ to: path }),
    })),
    {
      id: 'settings',
      label: t.palette.goTo(t.pages.settings),
      icon: Settings,
      keys: 'g s',
      run: () => void navigate({ to: '/settings' }),
    },
    { id: 'theme', label: t.palette.toggleTheme, icon: Contrast, run: () => prefer('theme', dark ? 'light' : 'dark') },
    { id: 'keys-list', label: t.palette.keys, icon: Keyboard, keys: '?', run: onShortcuts },
  ]
}
