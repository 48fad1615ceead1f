/** Shows how far a download is: one line that is written over on a terminal, a line for each tenth elsewhere. */
import type { Terminal } from './command.ts'

const redrawMs = 100
const barCells = 24

/** @param now milliseconds */
export function showProgress(terminal: Terminal, name: string, now: () => number = () => performance.now()) {
  const startedAt = now()
  let startedWith: number | undefined
  let drawnAt = Number.NEGATIVE_INFINITY
  let tenths = -1
  return (done: number, total: number | undefined) => {
    startedWith ??= done
    const share = total ? done / total : undefined
    if (!terminal.interactive) {
      const reached = share === undefined ? Math.floor(done / 1e9) : Math.floor(share * 10)
      if (reached > tenths) terminal.tell(`${name}: ${amounts(done, total)}`)
      tenths = Math.max(tenths, reached)
      return
    }
    const finished = done === total
    if (now() - drawnAt < redrawMs && !finished) return
    drawnAt = now()
    const perSecond = (done - startedWith) / Math.max((now() - startedAt) / 1000, 0.001)
    const left = total && perSecond > 0 ? `, ${clock((total - done) / perSecond)} left` : ''
    terminal.overwrite(`${name} ${bar(share)} ${amounts(done, total)}, ${megabytes(perSecond)} MB/s${left}`)
    if (finished) terminal.tell('')
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

const amounts = (done: number, total: number | undefined) =>
  total ? `${Math.floor((done / total) * 100)} % of ${megabytes(total)} MB` : `${megabytes(done)} MB`

function bar(share: number | undefined): string {
  const full = Math.round((share ?? 0) * barCells)
  return `[${'#'.repeat(full)}${'.'.repeat(barCells - full)}]`
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
