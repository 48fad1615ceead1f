import { Link } from '@tanstack/react-router'
import { pagesOf } from '../../lib/pages.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'

const groups = ['use', 'observe', 'manage'] as const

export function Navigation() {
  const t = useMessages()
  const pages = pagesOf(useIsAdministrator())
  return (
    <nav aria-label={t.app.navigation} className="flex flex-col gap-4">
      {groups.map((group) => (
        <div key={group}>
          <p className="px-2 pb-1 text-xs font-medium text-faint">{t.pages.groups[group]}</p>
          <ul className="flex flex-col gap-px">
            {pages
              .filter((page) => page.group === group)
              .map(({ id, path, icon: Icon }) => (
                <li key={id}>
                  <Link
                    to={path}
                    activeOptions={{ exact: path === '/', includeSearch: false }}
                    className="flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:font-medium data-[status=active]:text-ink [&[data-status=active]_svg]:text-accent"
                  >
                    <Icon aria-hidden size={15} className="shrink-0" />
                    {t.pages[id]}
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
