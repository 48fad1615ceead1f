import type { Logger } from 'pino'
import type { Crew } from '../lib/crew.ts'
import type { Guarded } from './guard.ts'

/** Takes an engine out, or back: in all processes that serve together, until they end. @returns whether there is such an engine */
export type Drain = (id: string, drained: boolean) => Promise<boolean>

interface Wish {
  readonly id: string
  readonly drained: boolean
}

/** A process that begins later, in the place of one that died, hears of it from the others. */
export function openDrain(engines: ReadonlyMap<string, Guarded>, crew: Crew, log: Logger): Drain {
  const drain = ({ id, drained }: Wish): boolean => {
    const one = engines.get(id)
    if (!one) return false
    if (one.drained !== drained)
      log.info({ engine: id }, drained ? 'an engine is drained' : 'an engine is no longer drained')
    one.drained = drained
    return true
  }
  crew.answer('drain', async (wish) => drain(wish as Wish))
  crew.answer('drained', async () => [...engines].flatMap(([id, { drained }]) => (drained ? [id] : [])))
  void crew.ask('drained').then((all) => {
    for (const id of (all as readonly string[][]).flat()) drain({ id, drained: true })
  })
  return async (id, drained) => (await crew.ask('drain', { id, drained })).includes(true)
}
