/** Shows how far something is that takes its time: one line that is written over on a terminal, a line for each tenth elsewhere. */
import type { Terminal } from './command.ts'

const redrawMs = 100
const barCells = 24

/** What is counted: how many make one, what one is called, and the digits behind the point. */
interface Unit {
  readonly size: number
  readonly name: string
  readonly digits: number
}
const megabytes: Unit = { size: 1e6, name: 'MB', digits: 1 }
const rows: Unit = { size: 1, name: 'rows', digits: 0 }

/** @param now milliseconds */
export function showProgress(
  terminal: Terminal,
  name: string,
  unit: Unit = megabytes,
  now: () => number = () => performance.now(),
) {
  const startedAt = now()
  let startedWith: number | undefined
  let drawnAt = Number.NEGATIVE_INFINITY
  let tenths = -1
  return (done: number, total: number | undefined) => {
    startedWith ??= done
    const share = total ? done / total : undefined
    if (!terminal.interactive) {
      const reached = share === undefined ? Math.floor(done / 1e9) : Math.floor(share * 10)
      if (reached > tenths) terminal.tell(`${name}: ${amounts(unit, done, total)}`)
      tenths = Math.max(tenths, reached)
      return
    }
    const finished = done === total
    if (now() - drawnAt < redrawMs && !finished) return
    drawnAt = now()
    const perSecond = (done - startedWith) / Math.max((now() - startedAt) / 1000, 0.001)
    const left = total && perSecond > 0 ? `, ${clock((total - done) / perSecond)} left` : ''
    terminal.overwrite(`${name} ${bar(share)} ${amounts(unit, done, total)}, ${amount(unit, perSecond)}/s${left}`)
    if (finished) terminal.tell('')
  }
}

/** Of a copy of a database; of a small one nothing, as it is over at once. */
export function showRows(terminal: Terminal, name: string) {
  const show = showProgress(terminal, name, rows)
  return (done: number, total: number) => {
    if (total >= 10_000) show(done, total)
  }
}

const amount = ({ size, name, digits }: Unit, count: number) => `${(count / size).toFixed(digits)} ${name}`

const amounts = (unit: Unit, done: number, total: number | undefined) =>
  total ? `${Math.floor((done / total) * 100)} % of ${amount(unit, total)}` : amount(unit, done)

function bar(share: number | undefined): string {
  const full = Math.round((share ?? 0) * barCells)
  return `[${'#'.repeat(full)}${'.'.repeat(barCells - full)}]`
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
