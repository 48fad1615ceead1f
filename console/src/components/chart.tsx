import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useFormat } from '../lib/format.ts'
import { useDark } from '../lib/preferences.ts'
import { bucketed, stacked, sum, worst } from '../lib/series.ts'
import { useMessages, useSpeech } from '../messages/messages.ts'

export interface ChartLine {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** 1 to 8: the colours of tokens.css. */
  readonly colour: number
}

interface Props {
  readonly title: string
  /** Where each step begins. */
  readonly times: readonly string[]
  readonly step: 'hour' | 'day' | 'month'
  /** Bars stand on one another; lines do not. */
  readonly kind: 'bars' | 'lines'
  readonly lines: readonly ChartLine[]
  readonly format: (value: number) => string
  readonly height?: number
}

/** Narrower bars than this many pixels are put together. */
const barPx = 5

/** A time series. It is drawn on a canvas, which 100,000 points do not slow down; its numbers are also said in words below the pointer. */
export function Chart({ title, times, step, kind, lines, format, height = 220 }: Props) {
  const t = useMessages()
  const { language } = useSpeech()
  const { day } = useFormat()
  const dark = useDark()
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [at, setAt] = useState<number | null>(null)

  useEffect(() => {
    if (!place.current) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(place.current)
    return () => observer.disconnect()
  }, [])

  const seconds = useMemo(() => times.map((time) => Date.parse(time) / 1_000), [times])
  const shown = useMemo(
    () =>
      bucketed(
        seconds,
        lines.map(({ values }) => values),
        kind === 'bars' ? Math.max(12, Math.floor(width / barPx)) : Number.POSITIVE_INFINITY,
        kind === 'bars' ? sum : worst,
      ),
    [seconds, lines, kind, width],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` decides the colours that are read from the page
  useEffect(() => {
    const root = place.current
    if (!root || width === 0) return
    const drawn = kind === 'bars' ? stacked(shown.lines).reverse() : shown.lines
    const order = kind === 'bars' ? [...lines].reverse() : lines
    const chart = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { y: false, points: { show: kind === 'lines' } },
        hooks: { setCursor: [({ cursor }) => setAt(cursor.idx ?? null)] },
        scales: {
          x: { time: true, range: kind === 'bars' ? roomForBars : undefined },
          y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] },
        } as uPlot.Scales,
        axes: [
          {
            ...axisLook(root),
            grid: { show: false },
            size: 28,
            space: 76,
            values: (_, splits) => labelsOf(splits, step, shown.times, language),
          },
          { ...axisLook(root), size: 58, values: (_, splits) => splits.map(format) },
        ],
        series: [{}, ...order.map((line) => seriesLook(line, kind, root))],
        ...(step !== 'hour' && { tzDate: (moment: number) => uPlot.tzDate(new Date(moment * 1_000), 'Etc/UTC') }),
      },
      [shown.times, ...drawn] as uPlot.AlignedData,
      root,
    )
    return () => chart.destroy()
  }, [shown, lines, kind, width, height, step, dark, language, format])

  const pointed = at === null ? undefined : shown.times[at]
  // What a single line is says the title.
  const shownInLegend = lines.length > 1 || pointed !== undefined ? lines : []
  return (
    <figure
      className="m-0 px-3 pt-3 pb-2"
      aria-label={t.usage.chartLabel(
        title,
        day(times[0] ?? new Date(0).toISOString(), 'UTC'),
        day(times.at(-1) ?? new Date(0).toISOString(), 'UTC'),
      )}
    >
      <div ref={place} aria-hidden className="min-w-0" style={{ height }} />
      <figcaption className="number mt-1 flex min-h-6 flex-wrap items-center gap-x-4 gap-y-0.5 px-1 text-sm text-muted">
        {shownInLegend.map(({ label, colour }, which) => {
          const value = at === null ? undefined : shown.lines[which]?.[at]
          return (
            <span key={label} className="inline-flex max-w-full items-center gap-1.5">
              <span
                aria-hidden
                className="size-2 shrink-0 rounded-sm"
                style={{ background: `var(--color-series-${colour})` }}
              />
              <span className="truncate">{label}</span>
              {pointed !== undefined && (
                <span className="font-medium text-ink">{typeof value === 'number' ? format(value) : '–'}</span>
              )}
            </span>
          )
        })}
        {pointed !== undefined && <span className="ml-auto text-faint">{fullLabel(pointed, step, language)}</span>}
      </figcaption>
    </figure>
  )
}

/** A bar is as wide as its step: without room the first and the last are cut in half. */
const roomForBars = (chart: uPlot, from: number, to: number): [number, number] => {
  const times = chart.data[0]
  const step = times.length > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : 3_600
  return [from - step * 0.6, to + step * 0.6]
}

/** A canvas knows no custom properties: the page is asked what they come to. */
function colourOf(name: string, place: HTMLElement): string {
  const probe = document.createElement('span')
  probe.style.color = `var(--color-${name})`
  place.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function axisLook(place: HTMLElement): uPlot.Axis {
  return {
    stroke: colourOf('faint', place),
    font: `11px ${getComputedStyle(place).fontFamily}`,
    grid: { stroke: colourOf('line', place), width: 1 },
    ticks: { show: false },
    border: { show: false },
  }
}

function seriesLook({ label, colour }: ChartLine, kind: Props['kind'], place: HTMLElement): uPlot.Series {
  const stroke = colourOf(`series-${colour}`, place)
  if (kind === 'lines') return { label, stroke, width: 1.5, spanGaps: false, points: { size: 4, fill: stroke } }
  const { bars } = uPlot.paths
  return {
    label,
    fill: stroke,
    width: 0,
    points: { show: false },
    ...(bars && { paths: bars({ size: [0.78, 60], radius: 0.12 }) }),
  }
}

const zoneOf = (step: Props['step']) => (step === 'hour' ? undefined : 'UTC')

function dateLabel(at: number, step: Props['step'], times: readonly number[], language: string): string {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  const midnight = new Date(at * 1_000).getHours() === 0
  const options: Intl.DateTimeFormatOptions =
    step === 'month' || span > 370 * 86_400
      ? { year: '2-digit', month: 'short' }
      : step === 'hour' && span <= 3 * 86_400 && !midnight
        ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
        : { month: 'short', day: 'numeric' }
  return new Intl.DateTimeFormat(language, { ...options, timeZone: zoneOf(step) }).format(new Date(at * 1_000))
}

/** What would be said twice in a row is said once. */
const labelsOf = (splits: readonly number[], ...rest: [Props['step'], readonly number[], string]): string[] => {
  const labels = splits.map((split) => dateLabel(split, ...rest))
  return labels.map((label, at) => (label === labels[at - 1] ? '' : label))
}

function fullLabel(at: number, step: Props['step'], language: string): string {
  const options: Intl.DateTimeFormatOptions =
    step === 'month'
      ? { year: 'numeric', month: 'long' }
      : step === 'day'
        ? { dateStyle: 'medium' }
        : { dateStyle: 'medium', timeStyle: 'short' }
  return new Intl.DateTimeFormat(language, { ...options, timeZone: zoneOf(step) }).format(new Date(at * 1_000))
}
