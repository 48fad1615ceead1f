import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ApiError } from './lib/api.ts'
import { queryClient } from './lib/query.ts'
import { forgetSession, sessionQuery } from './lib/session.ts'
import { Broken, NotFound, Waiting } from './routes/exceptions.tsx'
import { Shell } from './routes/shell/shell.tsx'
import { SignIn } from './routes/sign-in.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Broken })

/** Of what stands behind the `?` the texts with these names. */
const texts =
  <K extends string>(...names: readonly K[]) =>
  (search: Readonly<Record<string, unknown>>): { [P in K]?: string } =>
    Object.fromEntries(
      names.flatMap((name) => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : [])),
    ) as {
      [P in K]?: string
    }

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: texts('to', 'over'),
})

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  errorComponent: Broken,
  pendingComponent: Waiting,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401)
        throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { to: location.href } })
      throw error
    }
  },
})

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  component: lazyRouteComponent(() => import('./routes/overview/overview.tsx'), 'Overview'),
})
const keys = createRoute({
  getParentRoute: () => inside,
  path: '/keys',
  component: lazyRouteComponent(() => import('./routes/keys/keys.tsx'), 'Keys'),
  validateSearch: texts('search', 'status', 'tenant', 'project', 'new'),
})
const key = createRoute({
  getParentRoute: () => keys,
  path: '$id',
  component: lazyRouteComponent(() => import('./routes/keys/key-sheet.tsx'), 'KeySheet'),
})
const playground = createRoute({
  getParentRoute: () => inside,
  path: '/playground',
  component: lazyRouteComponent(() => import('./routes/playground/playground.tsx'), 'Playground'),
})
const usage = createRoute({
  getParentRoute: () => inside,
  path: '/usage',
  component: lazyRouteComponent(() => import('./routes/usage/usage.tsx'), 'Usage'),
  validateSearch: texts('range', 'step', 'group', 'tenant', 'project', 'model', 'key', 'user'),
})
const requests = createRoute({
  getParentRoute: () => inside,
  path: '/requests',
  component: lazyRouteComponent(() => import('./routes/requests/requests.tsx'), 'Requests'),
  validateSearch: texts('search', 'tenant', 'project', 'model', 'key', 'user', 'engine', 'outcome', 'mode', 'slower'),
})
const request = createRoute({
  getParentRoute: () => requests,
  path: '$id',
  component: lazyRouteComponent(() => import('./routes/requests/request-sheet.tsx'), 'RequestSheet'),
})
const models = createRoute({
  getParentRoute: () => inside,
  path: '/models',
  component: lazyRouteComponent(() => import('./routes/models/models.tsx'), 'Models'),
})
const engine = createRoute({
  getParentRoute: () => models,
  path: '$engine',
  component: lazyRouteComponent(() => import('./routes/models/engine-sheet.tsx'), 'EngineSheet'),
})
const tenants = createRoute({
  getParentRoute: () => inside,
  path: '/tenants',
  component: lazyRouteComponent(() => import('./routes/tenants/tenants.tsx'), 'Tenants'),
})
const tenant = createRoute({
  getParentRoute: () => tenants,
  path: '$id',
  component: lazyRouteComponent(() => import('./routes/tenants/tenant-sheet.tsx'), 'TenantSheet'),
})
const endUsers = createRoute({
  getParentRoute: () => inside,
  path: '/end-users',
  component: lazyRouteComponent(() => import('./routes/end-users/end-users.tsx'), 'EndUsers'),
  validateSearch: texts('tenant'),
})
const people = createRoute({
  getParentRoute: () => inside,
  path: '/people',
  component: lazyRouteComponent(() => import('./routes/people/people.tsx'), 'People'),
})
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  component: lazyRouteComponent(() => import('./routes/audit.tsx'), 'Audit'),
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./routes/settings.tsx'), 'Settings'),
})

const routeTree = root.addChildren([
  signIn,
  inside.addChildren([
    overview,
    keys.addChildren([key]),
    playground,
    usage,
    requests.addChildren([request]),
    models.addChildren([engine]),
    tenants.addChildren([tenant]),
    endUsers,
    people,
    audit,
    settings,
  ]),
])

export const router = createRouter({
  routeTree,
  basepath: '/console',
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultErrorComponent: Broken,
  defaultPendingComponent: Waiting,
  scrollRestoration: true,
  // Plain text on both sides: an id of digits stays text.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
    return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

/** A session that ended is noticed by whatever is asked next. */
queryClient.getQueryCache().subscribe(({ type, query }) => {
  if (type !== 'updated' || query.state.status !== 'error') return
  const { error } = query.state
  const { pathname, href } = router.state.location
  if (
    !(error instanceof ApiError) ||
    error.status !== 401 ||
    pathname === '/sign-in' ||
    query.queryKey[0] === 'GET /admin/session'
  )
    return
  forgetSession()
  void router.navigate({ to: '/sign-in', search: { to: href, over: 'yes' } })
})
