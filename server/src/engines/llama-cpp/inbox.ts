import type { StepEvent } from './protocol.ts'

/**
 * One generation's events on their way from the child to the reader. The child may be ahead of the reader by a bounded number
 * of text events: what was taken is acknowledged, and without that the child lets the generation rest.
 */
export class Inbox {
  readonly #acknowledge: (events: number) => void
  readonly #every: number
  #events: StepEvent[] = []
  #taken = 0
  #arrived: () => void = () => {}

  /** @param every how many text events are acknowledged at once. */
  constructor(acknowledge: (events: number) => void, every: number) {
    this.#acknowledge = acknowledge
    this.#every = every
  }

  get size(): number {
    return this.#events.length
  }

  push(event: StepEvent): void {
    this.#events.push(event)
    this.#arrived()
  }

  /** Waits for the next event; one reader only. */
  async next(): Promise<StepEvent> {
    for (;;) {
      const event = this.#events.shift()
      if (event) {
        if (event.type === 'text' && ++this.#taken >= this.#every) {
          this.#acknowledge(this.#taken)
          this.#taken = 0
        }
        return event
      }
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }
}
