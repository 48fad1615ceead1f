/** What several processes see of the same engines, as one. */
import type { EngineLook } from './contract.ts'

/** From good to bad. */
const states: readonly EngineLook['state'][] = ['well', 'draining', 'left-alone', 'starting', 'down']
const lastErrorsMax = 10

/** @param processes what each sees, all of the same engines. Places and requests add up; where they disagree, the worse counts. */
export function together(processes: readonly (readonly EngineLook[])[]): readonly EngineLook[] {
  const byEngine = Map.groupBy(processes.flat(), ({ id }) => id)
  return [...byEngine.values()].flatMap((looks) => {
    const [worst] = looks.toSorted((a, b) => states.indexOf(b.state) - states.indexOf(a.state))
    if (!worst) return []
    const sum = (of: 'slots' | 'running' | 'waiting') => looks.reduce((all, look) => all + look[of], 0)
    return {
      ...worst,
      slots: sum('slots'),
      running: sum('running'),
      waiting: sum('waiting'),
      others: Math.max(...looks.map(({ others }) => others)),
      lastErrors: looks
        .flatMap(({ lastErrors }) => lastErrors)
        .toSorted((a, b) => (a.at < b.at ? 1 : -1))
        .slice(0, lastErrorsMax),
    }
  })
}
