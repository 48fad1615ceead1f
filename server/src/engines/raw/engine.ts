import type { Limits } from '../../completion/limits.ts'
import { type Deadlines, withDeadlines } from '../deadlines.ts'
import type { Engine } from '../engine.ts'
import type { TokenEngine } from '../token-engine.ts'
import { answerRaw } from './answer.ts'
import { dialectOf } from './dialect.ts'

/** @throws Error when the engine has not loaded its model yet, or nobody can know how to talk to it */
export function rawEngine(engine: TokenEngine, limits: Deadlines & Pick<Limits, 'qualityRetries'>): Engine {
  const { facts } = engine
  if (!facts) throw new Error(`The engine '${engine.id}' has not loaded its model.`)
  const dialect = dialectOf(facts)
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
    serve: answerRaw(withDeadlines(engine, limits), dialect, { limits, maxOutput: facts.contextWindow }),
    close: () => engine.close(),
  }
}
