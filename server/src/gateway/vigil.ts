import type { Limits } from '../completion/limits.ts'
import { Roster } from '../lib/roster.ts'

/** Why an attempt is given up although it has not failed. */
export type Handover = 'stalled' | 'slow' | 'drain'

/** One attempt, as its watch sees it. */
export interface Watched {
  /** The engine is waited for; false while whoever reads takes its time. */
  waiting: boolean
  /** Something came since the last look. */
  moved: boolean
}

export interface Attempt {
  readonly engine: string
  /** Tokens of the answer so far, those of earlier attempts included. */
  tokens(): number
  /** The engine takes nothing new and will be gone soon. */
  leaving(): boolean
  /** @returns whether somebody else takes the answer, and the attempt ends now */
  handOver(reason: Handover): boolean
}

interface Open extends Watched {
  readonly attempt: Attempt
  readonly tokensAtStart: number
  tokens: number
  /** Its last token, or when it was last not waited for. */
  movedAt: number
  /** The rate is measured from here. */
  since: number
  tokensSince: number
}

interface Engine {
  readonly open: Roster<Open>
  movedAt: number
  /** When an attempt last ended there that had not begun. */
  endedUnbegunAt: number
  /** The longest silence between two tokens of late; it fades. */
  gapMs: number
  /** Tokens a second of one answer; undefined until it was measured. */
  pace: number | undefined
}

const tickMs = 250
/** Attempts that an engine's end took with it are told of it within such a time. */
const togetherMs = 1_000
/** A look that comes so late says that this process stood still, and nothing of the engines. */
const lateMs = 1_000
/** Nobody is given up for less silence; and for so many times what is usual, within the hard limit. */
const stallMsMin = 3_000
const stallFactor = 8
/** The longest silence of late has faded to a half after three minutes. */
const fading = 0.5 ** (tickMs / 180_000)
/** A rate is measured over so long, and is too low at such a part of what another engine gives. */
const rateMs = 10_000
const slowPart = 0.1

export type Vigil = ReturnType<typeof startVigil>

/**
 * Watches open answers from beside them, so that a token costs nothing: all are looked at a few times a second. One whose engine falls
 * silent for longer than it ever does, writes far slower than others could, or is about to leave, is handed over if somebody takes it. The
 * limits of `engines/deadlines.ts` stand above that.
 */
export function startVigil({ interTokenMs }: Pick<Limits, 'interTokenMs'>) {
  const engines = new Map<string, Engine>()
  let timer: NodeJS.Timeout | undefined
  let looked = 0

  const engineOf = (name: string): Engine => {
    const known = engines.get(name) ?? {
      open: new Roster(),
      movedAt: Date.now(),
      endedUnbegunAt: Number.NEGATIVE_INFINITY,
      gapMs: 0,
      pace: undefined,
    }
    engines.set(name, known)
    return known
  }
  const patienceOf = ({ gapMs }: Engine) => Math.min(interTokenMs, Math.max(stallMsMin, stallFactor * gapMs))

  const look = () => {
    const now = Date.now()
    const isLate = now - looked > tickMs + lateMs
    looked = now
    for (const [name, engine] of engines) {
      engine.gapMs *= fading
      for (const open of engine.open) lookAt(open, engine, now, isLate)
      for (const open of engine.open) judge(open, name, engine, now)
    }
  }

  const lookAt = (open: Open, engine: Engine, now: number, isLate: boolean) => {
    const tokens = open.attempt.tokens()
    if (tokens !== open.tokens || open.moved) {
      // The wait for the first token is for a place and for the prompt to be read: it says nothing of how an answer goes on.
      if (open.waiting && !isLate && tokens !== open.tokens && open.tokens > open.tokensAtStart)
        engine.gapMs = Math.max(engine.gapMs, now - open.movedAt - tickMs)
      engine.movedAt = now
    }
    if (tokens === open.tokens && !open.moved && open.waiting && !isLate) return
    if (isLate) engine.movedAt = now
    if (tokens < open.tokens || !open.waiting || isLate) {
      open.since = now
      open.tokensSince = tokens
    }
    open.moved = false
    open.tokens = tokens
    open.movedAt = now
  }

  const judge = (open: Open, name: string, engine: Engine, now: number) => {
    const { attempt } = open
    if (attempt.leaving()) return void attempt.handOver('drain')
    if (!open.waiting) return
    const patience = patienceOf(engine)
    const begun = open.tokens > open.tokensAtStart
    // One that has not begun may read a long prompt; but not where others have stopped in the middle.
    if (begun ? now - open.movedAt > patience : engine.movedAt < now - patience && someStalled(engine, now, patience))
      return void attempt.handOver('stalled')
    if (!begun || now - open.since < rateMs) return
    const rate = ((open.tokens - open.tokensSince) * 1_000) / (now - open.since)
    open.since = now
    open.tokensSince = open.tokens
    engine.pace = engine.pace === undefined ? rate : 0.7 * engine.pace + 0.3 * rate
    const best = Math.max(0, ...[...engines].map(([other, { pace }]) => (other === name ? 0 : (pace ?? 0))))
    if (rate < slowPart * best) attempt.handOver('slow')
  }

  const someStalled = ({ open }: Engine, now: number, patience: number) =>
    [...open].some((one) => one.waiting && one.tokens > one.tokensAtStart && now - one.movedAt > patience)

  return {
    /**
     * @returns what the attempt tells by, whether others stand beside it of which nothing was written either, or did until now, and how to
     * end the watch
     */
    watch(attempt: Attempt): {
      readonly watched: Watched
      readonly inCompany: () => boolean
      readonly end: () => void
    } {
      const now = Date.now()
      const tokens = attempt.tokens()
      const engine = engineOf(attempt.engine)
      const open: Open = {
        ...{ attempt, waiting: true, moved: false, tokens, tokensAtStart: tokens },
        ...{ movedAt: now, since: now, tokensSince: tokens },
      }
      if (engine.open.size === 0) engine.movedAt = now
      const place = engine.open.enter(open)
      if (!timer) {
        looked = now
        timer = setInterval(look, tickMs).unref()
      }
      return {
        watched: open,
        inCompany: () =>
          engine.endedUnbegunAt > Math.max(now, Date.now() - togetherMs) ||
          [...engine.open].some((one) => one !== open && one.attempt.tokens() === one.tokensAtStart),
        end() {
          engine.open.leave(place)
          if (attempt.tokens() === tokens) engine.endedUnbegunAt = Date.now()
          if ([...engines.values()].some((one) => one.open.size > 0)) return
          clearInterval(timer)
          timer = undefined
        },
      }
    },
  }
}
