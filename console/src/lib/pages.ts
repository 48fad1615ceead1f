import {
  Activity,
  Boxes,
  Building2,
  ChartColumn,
  House,
  KeyRound,
  type LucideIcon,
  MessageSquare,
  ScrollText,
  ShieldUser,
  UsersRound,
} from 'lucide-react'
import type { Messages } from '../messages/en.ts'

interface PageEntry {
  readonly id: Exclude<keyof Messages['pages'], 'groups' | 'settings'>
  readonly path: string
  /** The second key behind `g`. */
  readonly letter: string
  readonly icon: LucideIcon
  readonly group: keyof Messages['pages']['groups']
  readonly administrators?: true
}

export const pages: readonly PageEntry[] = [
  { id: 'overview', path: '/', letter: 'o', icon: House, group: 'use' },
  { id: 'playground', path: '/playground', letter: 'p', icon: MessageSquare, group: 'use' },
  { id: 'keys', path: '/keys', letter: 'k', icon: KeyRound, group: 'use' },
  { id: 'usage', path: '/usage', letter: 'u', icon: ChartColumn, group: 'observe' },
  { id: 'requests', path: '/requests', letter: 'r', icon: Activity, group: 'observe' },
  { id: 'models', path: '/models', letter: 'm', icon: Boxes, group: 'observe' },
  { id: 'tenants', path: '/tenants', letter: 't', icon: Building2, group: 'manage' },
  { id: 'endUsers', path: '/end-users', letter: 'e', icon: UsersRound, group: 'manage' },
  { id: 'people', path: '/people', letter: 'a', icon: ShieldUser, group: 'manage', administrators: true },
  { id: 'audit', path: '/audit', letter: 'l', icon: ScrollText, group: 'manage', administrators: true },
]

export const pagesOf = (administrator: boolean): readonly PageEntry[] =>
  pages.filter((page) => administrator || !page.administrators)
