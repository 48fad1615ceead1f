/** Whether the ledger can be written, found out with a write of no meaning: now and then, and at once when something could not be. */

/** A write that takes longer than an order may is no good to anybody. */
const slowMs = 3_000
/** Between two questions: to a ledger that is well, and to one that is not. */
const everyMs = { well: 5_000, ill: 1_000 }

export interface Pulse {
  /** As far as anybody knows. */
  isWell(): boolean
  /** Something could not be written: asks whether anything can. */
  doubt(): void
  /** Asks if it is time for that; to be called about once a second. */
  feel(): void
}

/** @param probe writes something of no meaning  @param now milliseconds of a clock that never jumps */
export function takePulse(probe: () => Promise<unknown>, now: () => number = () => performance.now()): Pulse {
  let well = true
  let askedAt = now()
  let asking = false
  const ask = async () => {
    if (asking) return
    asking = true
    askedAt = now()
    well = await probe().then(
      () => true,
      () => false,
    )
    asking = false
  }
  const isWell = () => well && !(asking && now() - askedAt > slowMs)
  return {
    isWell,
    doubt: () => void ask(),
    feel() {
      if (now() - askedAt >= (isWell() ? everyMs.well : everyMs.ill)) void ask()
    },
  }
}
