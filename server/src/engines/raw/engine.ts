import type { Limits } from '../../completion/limits.ts'
import { type Deadlines, withDeadlines } from '../deadlines.ts'
import type { Engine } from '../engine.ts'
import type { TokenEngine } from '../token-engine.ts'
import { answerRaw } from './answer.ts'
import { dialectOf } from './dialect.ts'
import { fitsOf } from './fits.ts'
import { createPlanner } from './planner.ts'

/** @throws Error when the engine has not loaded its model yet, or nobody can know how to talk to it */
export function rawEngine(engine: TokenEngine, limits: Deadlines & Pick<Limits, 'qualityRetries'>): Engine {
  const { facts } = engine
  if (!facts) throw new Error(`The engine '${engine.id}' has not loaded its model.`)
  const dialect = dialectOf(facts)
  const watched = withDeadlines(engine, limits)
  const planFor = createPlanner(watched, dialect, facts.contextWindow)
  return {
    id: engine.id,
    facts: {
      contextWindow: facts.contextWindow,
      maxOutput: facts.contextWindow,
      canThink: dialect.canThink,
      logprobs: facts.logprobs,
      identity: `${facts.digest}\0${dialect.name}`,
    },
    slots: engine.slots,
    ready: () => engine.ready(),
    serve: answerRaw(watched, dialect, { limits, planFor }),
    fits: fitsOf(watched, planFor),
    close: () => engine.close(),
  }
}
