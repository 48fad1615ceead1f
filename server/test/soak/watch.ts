import { readdirSync, readFileSync } from 'node:fs'

/** Memory and open files of one process over time, from /proc; on other systems nothing is measured and nothing is refused. */
export interface Watch {
  readonly name: string
  /** Resident memory in MiB, once a second. */
  readonly samples: readonly number[]
  /** Open file descriptors now. */
  files(): number
  /** Growth in MiB from the second quarter of the run to its last; the first is warm-up. */
  growth(): number
  stop(): void
}

export function watch(name: string, pid: number): Watch {
  const samples: number[] = []
  const take = () => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      samples.push(Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024))
    } catch {
      // No /proc here, or no such process any more: who needs the process notices by itself.
    }
  }
  take()
  const timer = setInterval(take, 1_000)
  return {
    name,
    samples,
    files() {
      try {
        return readdirSync(`/proc/${pid}/fd`).length
      } catch {
        return 0
      }
    },
    growth() {
      const quarter = Math.floor(samples.length / 4)
      if (quarter === 0) return 0
      return Math.round(mean(samples.slice(-quarter)) - mean(samples.slice(quarter, 2 * quarter)))
    },
    stop: () => clearInterval(timer),
  }
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
