import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const pairs = new Map(
  [...css.matchAll(/--color-([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
)

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const grounds = ['page', 'surface', 'sunken', 'hover']
const text = ['ink', 'muted', 'faint', 'accent', 'good', 'warn', 'bad'].flatMap((ink) =>
  grounds.map((ground) => [ink, ground] as const),
)
const onSoft = ['accent', 'good', 'warn', 'bad'].map((ink) => [ink, `${ink}-soft`] as const)

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const of = (name: string) => pairs.get(name)?.[theme] ?? ''

  test.each([
    ...text,
    ...onSoft,
    ['ink', 'accent-soft'],
    ['ink', 'warn-soft'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
  ] as const)('text in %s can be read on %s', (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test.each([
    ...['page', 'surface', 'sunken'].map((ground) => ['edge', ground] as const),
    ...Array.from({ length: 8 }, (_, at) => [`series-${at + 1}`, 'surface'] as const),
  ])('%s can be made out on %s', (shape, ground) => {
    expect(contrast(of(shape), of(ground))).toBeGreaterThanOrEqual(3)
  })
})
