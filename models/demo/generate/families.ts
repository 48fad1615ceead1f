import { booking } from './families/booking.ts'
import { light, noArguments } from './families/home.ts'
import { adder, calculator } from './families/numbers.ts'
import { singles } from './families/one-argument.ts'
import { time, weather } from './families/places.ts'
import { search, sender, translate } from './families/words.ts'
import { type Family, type Kit, toolOf } from './kit.ts'
import type { Draw } from './random.ts'

const families: readonly (readonly [number, string, Family])[] = [
  [6, 'weather', weather],
  [3, 'time', time],
  [3, 'search', search],
  [2, 'sum', adder],
  [2, 'calculator', calculator],
  [3, 'message', sender],
  [1, 'translate', translate],
  [3, 'booking', booking],
  [2, 'light', light],
  [1, 'nothing', noArguments],
  ...singles.map((family, i): readonly [number, string, Family] => [1, `single ${i}`, family]),
]

/** A tool of a known kind, in one of its many shapes. */
export function familyKit(draw: Draw): Kit {
  const [topic, family] = draw.weighted(
    families.map(([weight, name, make]) => [weight, [name, make] as const] as const),
  )
  const { names, about, properties, optional = [], ask, outcome } = family(draw)
  const required = Object.keys(properties).filter((key) => !optional.includes(key))
  return {
    topic,
    ask,
    outcome,
    tool: toolOf(draw, draw.from(names), draw.chance(0.93) ? draw.from(about) : undefined, properties, required),
  }
}
