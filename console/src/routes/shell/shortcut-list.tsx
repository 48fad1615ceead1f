import { Dialog } from '../../components/dialog.tsx'
import { pagesOf } from '../../lib/pages.ts'
import { usePreference } from '../../lib/preferences.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'

export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages()
  const off = usePreference('shortcuts') === 'off'
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [t.shortcuts.palette, ['Ctrl K', '⌘ K']],
    ...pagesOf(useIsAdministrator()).map(({ id, letter }) => [t.shortcuts.go(t.pages[id]), [`g ${letter}`]] as const),
    [t.shortcuts.go(t.pages.settings), ['g s']],
    [t.shortcuts.create, ['c']],
    [t.shortcuts.filter, ['/']],
    [t.shortcuts.send, ['Enter']],
    [t.shortcuts.stop, ['Esc']],
    [t.shortcuts.help, ['?']],
  ]
  return (
    <Dialog title={t.shortcuts.title} onClose={onClose}>
      {off && <p className="mb-3 text-muted">{t.shortcuts.off}</p>}
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1.5">
        {rows.map(([what, keys]) => (
          <div key={what} className="contents">
            <dt>{what}</dt>
            <dd className="flex justify-end gap-1.5">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="rounded-sm border border-line bg-sunken px-1.5 py-0.5 font-sans text-sm text-muted"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
