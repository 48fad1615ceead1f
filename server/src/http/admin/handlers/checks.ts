/** Conformance checks of engines. */
import type { EngineChecks } from '../engine-checks.ts'
import { AdminError } from '../errors.ts'
import type { HandlersOf } from '../run.ts'

export const checkHandlers = (
  checks: EngineChecks,
): HandlersOf<
  'GET /admin/engines/{id}/check' | 'POST /admin/engines/{id}/check' | 'DELETE /admin/engines/{id}/check'
> => {
  const known = (id: string): string => {
    if (checks.has(id)) return id
    throw new AdminError('not-found', `There is no engine '${id}'.`)
  }
  return {
    'GET /admin/engines/{id}/check': ({ params }) => checks.state(known(params.id)),

    async 'POST /admin/engines/{id}/check'({ params }) {
      const busy = await checks.start(known(params.id))
      if (busy !== undefined)
        throw new AdminError('conflict', `The engine '${busy}' is being checked; one check runs at a time.`)
      return checks.state(params.id)
    },

    async 'DELETE /admin/engines/{id}/check'({ params }) {
      await checks.stop(known(params.id))
    },
  }
}
