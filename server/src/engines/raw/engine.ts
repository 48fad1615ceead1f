import { hasWords } from '../../completion/draft/shown.ts'
import type { Limits } from '../../completion/limits.ts'
import { type Deadlines, withDeadlines } from '../deadlines.ts'
import type { Engine } from '../engine.ts'
import type { TokenEngine } from '../token-engine.ts'
import { answerRaw } from './answer.ts'
import { dialectOf } from './dialect.ts'
import { fitsOf, tokensMaxOf } from './fits.ts'
import { createPlanner } from './planner.ts'

/**
 * @param equivalence engines with the same word go on with one another's answers, whatever weights they seem to have
 * @throws Error when the engine has not loaded its model yet, or nobody can know how to talk to it
 */
export function rawEngine(
  engine: TokenEngine,
  limits: Deadlines & Pick<Limits, 'qualityRetries'>,
  equivalence?: string,
): Engine {
  const { facts } = engine
  if (!facts) throw new Error(`The engine '${engine.id}' has not loaded its model.`)
  const dialect = dialectOf(facts)
  const watched = withDeadlines(engine, limits)
  const planFor = createPlanner(watched, dialect, facts.contextWindow)
  const identity = `${facts.digest}\0${dialect.name}`
  // Where grammars are not enforced, a request may be put in another way.
  const promptWriter = `${identity}\0${facts.constrains}`
  // The syntax of half a call, and whether a grammar held it, cannot be declared the same (contract C121).
  const writer =
    equivalence === undefined ? promptWriter : `equivalent\0${equivalence}\0${dialect.name}\0${facts.constrains}`
  const isEquivalentChat = (other: string | undefined): boolean =>
    equivalence !== undefined && other === `equivalent\0${equivalence}\0chat`
  return {
    id: engine.id,
    facts: {
      contextWindow: facts.contextWindow,
      maxOutput: facts.contextWindow,
      canThink: dialect.canThink,
      logprobs: facts.logprobs,
      identity,
    },
    slots: engine.slots,
    ready: () => engine.ready(),
    ...(engine.leaving && { leaving: engine.leaving }),
    ...(engine.stay && { stay: engine.stay }),
    serve: answerRaw(watched, dialect, { limits, planFor, writer, vocabulary: facts.digest }),
    continues: (draft) => draft.writer === writer || (isEquivalentChat(draft.writer) && hasWords(draft)),
    fits: fitsOf(watched, planFor),
    promptWriter,
    promptTokensMax: (request) => tokensMaxOf(planFor(request).generation.prompt),
    countPrompt: (request, signal) => watched.count(planFor(request).generation.prompt, signal),
    close: () => engine.close(),
  }
}
