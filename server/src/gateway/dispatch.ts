import { startDraft } from '../completion/draft/draft.ts'
import type { Failed } from '../completion/event.ts'
import { type Failure, type FailureCode, ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import { failureOf } from '../completion/sealed.ts'
import type { Call, Resume, Serve } from '../completion/serve.ts'
import { beginAttempt, outraced, sinceBegan } from '../completion/trace.ts'
import type { Catalog, HedgeRule, Replica } from '../engines/catalog.ts'
import { linkedAbort } from '../lib/linked-abort.ts'
import type { Metrics } from '../lib/metrics.ts'
import { countRunning } from '../lib/running.ts'
import { takesRequests } from '../routing/pick-replica.ts'
import { type Answer, attemptAt, type Lost } from './attempt.ts'
import { findPlace, findSpare, type NoPlace, type Place } from './find-place.ts'
import { startHedging } from './hedging.ts'
import { alone, isOver, type Outcome, type Runner, race } from './race.ts'
import { type Handover, startVigil } from './vigil.ts'

type Patience = Pick<Limits, 'interTokenMs' | 'maxAttempts' | 'queueMs' | 'restartMs' | 'queueLength'>
type AttemptMetrics = Pick<Metrics, 'attempts' | 'retries' | 'resumes' | 'hedges'>

/** Whether an attempt that failed so is made again elsewhere, or gone on with (contract C92–C94, C112). */
export const worthAnotherReplica: Record<FailureCode, boolean> = {
  'engine-lost': true,
  'engine-timeout': true,
  'engine-protocol': true,
  'engine-unavailable': true,
  'engine-busy': true,
  'engine-denied': true,
  'engine-refused': true,
  'engine-failed': true,
  'invalid-request': false,
  'unsupported-parameter': false,
  'context-too-long': false,
  unauthenticated: false,
  'insufficient-balance': false,
  'permission-denied': false,
  'model-not-found': false,
  'unknown-url': false,
  'method-not-allowed': false,
  'body-timeout': false,
  'body-too-large': false,
  'unsupported-media-type': false,
  conflict: false,
  'rate-limited': false,
  'invalid-output': false,
  cancelled: false,
  internal: false,
}

const RETRY_AFTER_SECONDS = 5
const unavailable = (retryAfterSeconds = RETRY_AFTER_SECONDS): Failure => ({
  code: 'engine-unavailable',
  message: `No engine is available for this model. Retry after ${retryAfterSeconds} seconds.`,
  retryAfterSeconds,
})

/** Failures of one answer altogether, for each attempt that may fail in a row: it may be the answer itself that engines die of. */
const failuresFactor = 4

/** Two engines died over one prompt, or all refuse it: clients are told not to repeat it (contract C93). */
const poisonous: Failure = { code: 'internal', message: 'Internal server error.', shouldRetry: false }

/**
 * What the client is told when no engine took the request. What they all have against the request is not put right by repeating it; what
 * one of them has against us may pass, at the earliest time that any of them named.
 */
function givenUp(failures: readonly Failure[], place?: NoPlace): Failure {
  if (failures.filter(({ code }) => code === 'engine-lost').length >= 2) return poisonous
  if (!place && failures.every(({ shouldRetry }) => shouldRetry === false)) return poisonous
  const times = [...failures, ...(place ? [place] : [])].flatMap(({ retryAfterSeconds: seconds }) => seconds ?? [])
  return unavailable(times.length > 0 ? Math.min(...times) : undefined)
}

/**
 * Gives the request to a replica of its model. When that fails, another one makes the answer anew as long as nothing was shown, and goes
 * on with it where it broke off from then on (contract C94, C112).
 */
export const dispatch = (catalog: Catalog, patience: Patience, metrics: AttemptMetrics): Serve => {
  const { maxAttempts } = patience
  const parts = { ...patience, standby: countRunning() }
  const vigil = startVigil(patience)
  const hedging = startHedging()
  return async (request, call, tell) => {
    const model = catalog.find(request.model)?.model
    if (!model) throw new ServeError({ code: 'model-not-found', message: `Model Not Exist: '${request.model}'` })
    const blank = (): Answer => ({ draft: startDraft(request.logprobs !== undefined), held: [] })
    const begin = (): Answer => {
      const fresh = blank()
      call.onDraft?.(fresh.draft)
      return fresh
    }
    let answer = begin()
    let wait = startWait(call.signal, patience.queueMs)
    const tried = new Set<string>()
    let willing = model.endsWhenBroken ? model.replicas.map(({ continues: _, ...others }) => others) : model.replicas
    /** Who may take the next attempt: of the willing those who can go on with the answer, if that is what it does. */
    let candidates = willing
    let resume: Resume | undefined
    /** Who refused to go on with the answer, but may make it anew. */
    const unable = new Set<string>()
    /** Since the answer last grew. */
    let failures: Failure[] = []
    let failuresInAll = 0
    let deaths = 0
    let lost: Lost | undefined

    /** An attempt at this answer, of which all is told that there is to tell. */
    const run = (place: Place, waiting: Call, mine: Answer): Runner => {
      const { engine } = place.replica
      const traced = call.trace && beginAttempt(call.trace, engine, place.why, resume)
      const began = Date.now()
      const giveUp = linkedAbort(waiting.signal)
      let spoke = false
      let isOutrun = false
      const measure = () => {
        if (model.hedge && !resume) hedging.measured(model.id, Date.now() - began)
      }
      const parts = {
        vigil,
        giveUp,
        mayHandOver: (reason: Handover) => goesElsewhere(mine, willing, engine, reason === 'drain' ? undefined : tried),
        onOutcome(end: string) {
          const outcome = isOutrun ? outraced : end
          metrics.attempts.add(engine, outcome)
          if (call.trace && traced) Object.assign(traced, { endedMs: sinceBegan(call.trace), outcome })
        },
      }
      return {
        ...{ engine, answer: mine, spoke: () => spoke },
        run(heard, onWord) {
          const onAnswer = () => {
            if (spoke || isOutrun) return
            spoke = true
            wait.end()
            if (call.trace && traced) traced.firstTokenMs = sinceBegan(call.trace)
            measure()
            onWord()
          }
          return attemptAt(place, request, waiting, mine, { ...parts, onAnswer }, heard)
        },
        outrun() {
          if (isOutrun) return
          isOutrun = true
          // That it took so long, at least, is what makes it slow.
          if (!spoke) measure()
          giveUp.abort()
        },
      }
    }

    /** Runs an attempt, with a second one beside it where the model has that. */
    const hedged = async (rule: HedgeRule, first: Runner, waiting: Call): Promise<Outcome> => {
      const dueMs = hedging.dueMs(request.model, rule)
      if (dueMs === undefined) return alone(first, tell)
      let spare: Runner | undefined
      let winner: Runner | undefined
      const second = async () => {
        // What is held back until it is certain has begun all the same.
        if (first.answer.draft.tally.tokens() > 0 || !hedging.mayHedge(request.model)) return undefined
        const place = await findSpare(willing, tried, waiting)
        if (!place) return undefined
        hedging.hedged(request.model)
        tried.add(place.replica.engine)
        spare = run(place, waiting, blank())
        return spare
      }
      const onWon = (runner: Runner) => {
        winner = runner
        if (runner === first) return
        answer = runner.answer
        call.onDraft?.(answer.draft)
      }
      try {
        return await race(first, dueMs, second, onWon, tell)
      } finally {
        if (spare) {
          const outcome = !winner ? 'failed' : winner === spare ? 'won' : 'lost'
          metrics.hedges.inc({ model: request.model, outcome })
          call.onHedged?.(outcome)
        }
      }
    }

    try {
      for (;;) {
        const waiting = { ...call, signal: wait.signal }
        const place = await findPlace(model.id, candidates, tried, waiting, parts)
        if (!('replica' in place)) return answer.held || !lost ? failed(givenUp(failures, place)) : lost
        const { engine } = place.replica
        tried.add(engine)
        if (lost) metrics.retries.inc({ model: model.id })
        if (resume) {
          metrics.resumes.inc({ phase: resume.phase, reason: resume.reason })
          call.onResumed?.(resume)
        }

        const stood = answer.draft.tally.tokens()
        const known = failures.length
        const runner = run(place, waiting, answer)
        const outcome = await (model.hedge && !lost ? hedged(model.hedge, runner, waiting) : alone(runner, tell))
        if (isOver(outcome)) return outcome
        for (const { runner: loser, lost: loss } of outcome) {
          lost = loss
          const { failure, handover } = loss
          if (wait.expired()) return answer.held ? failed(unavailable()) : { ...loss, failure: unavailable() }
          if (!handover && !worthAnotherReplica[failure.code]) return loss
          if (worthAnotherReplica[failure.code]) {
            failures.push(failure)
            failuresInAll++
          }
          // Where something was written, nobody died of the prompt; where several were being read, nobody knows of which one.
          if (failure.code === 'engine-lost' && loser.answer.draft.tally.tokens() === 0 && !loss.inCompany) deaths++
          if (deaths === 2) return answer.held ? failed(poisonous) : { ...loss, failure: poisonous }
          // Who has too much to do goes on with it later, if nobody else does.
          if (failure.elsewhere && resume) {
            if (failure.code !== 'engine-busy') unable.add(loser.engine)
          } else if (failure.elsewhere) willing = willing.filter((replica) => replica.engine !== loser.engine)
        }
        if (!lost) throw new Error('An attempt ended in nothing.')

        const heirs = heirsOf(answer, willing, unable, tried)
        candidates = heirs.length > 0 ? heirs : willing
        if (!answer.held && answer.draft.tally.tokens() > stood) {
          // What was added stands, nobody can make it anew, and whoever failed before may add to it once more.
          failures = failures.slice(known)
          tried.clear()
          for (const { runner } of outcome) tried.add(runner.engine)
        }
        if (failures.length >= maxAttempts || failuresInAll >= maxAttempts * failuresFactor || willing.length === 0)
          return answer.held ? failed(givenUp(failures)) : lost
        if (heirs.length > 0) resume = resumeOf(answer, lost)
        else if (!answer.held) return lost
        else {
          resume = undefined
          answer = begin()
        }
        if (wait.ended()) {
          wait.leave()
          wait = startWait(call.signal, patience.queueMs)
        }
      }
    } catch (error) {
      // What was shown counts, whatever happened while it was to go on.
      if (answer.held || !(error instanceof ServeError || call.signal.aborted)) throw error
      return { type: 'failed', failure: failureOf(error, call.signal), usage: answer.draft.tally.usage() }
    } finally {
      wait.leave()
    }
  }
}

const failed = (failure: Failure): Failed => ({ type: 'failed', failure })

/**
 * Who goes on with the answer. One of which nothing was shown is not waited for: when none of them is free, it is made anew; and
 * so it is when those who could go on have failed at it, and another one has not.
 */
function heirsOf(
  { draft, held }: Answer,
  willing: readonly Replica[],
  unable: ReadonlySet<string>,
  tried: ReadonlySet<string>,
): readonly Replica[] {
  const heirs = willing.filter((replica) => !unable.has(replica.engine) && replica.continues?.(draft))
  if (!held || heirs.length === willing.length) return heirs
  const isFresh = (replica: Replica): boolean => takesRequests(replica) && !tried.has(replica.engine)
  return heirs.some(isFresh) || (heirs.some(takesRequests) && !willing.some(isFresh)) ? heirs : []
}

/** Whether somebody other than this engine takes the answer at once. @param tried who is not asked twice */
const goesElsewhere = (
  { draft, held }: Answer,
  willing: readonly Replica[],
  engine: string,
  tried: ReadonlySet<string> = new Set(),
): boolean =>
  willing.some(
    (replica) =>
      replica.engine !== engine &&
      !tried.has(replica.engine) &&
      takesRequests(replica) &&
      (held !== undefined || replica.continues?.(draft)),
  )

const resumeOf = ({ draft }: Answer, { failure, handover }: Lost): Resume => ({
  phase: draft.phase(),
  reason: handover ?? failure.code.replace('engine-', ''),
  tokens: draft.tally.tokens(),
})

/** The wait for the next word: `signal` aborts when the caller leaves or when `queueMs` have passed before `end` was called. */
function startWait(caller: AbortSignal, queueMs: number) {
  const own = linkedAbort(caller)
  let expired = false
  let timer: NodeJS.Timeout | undefined = setTimeout(() => {
    expired = true
    own.abort(new ServeError(unavailable()))
  }, queueMs)
  return {
    signal: own.signal,
    expired: () => expired,
    ended: () => timer === undefined,
    end() {
      clearTimeout(timer)
      timer = undefined
    },
    leave() {
      clearTimeout(timer)
      own.unlink()
    },
  }
}
