import { booking } from './families/booking.ts'
import { light, noArguments } from './families/home.ts'
import { adder, calculator } from './families/numbers.ts'
import { singles } from './families/one-argument.ts'
import { time, weather } from './families/places.ts'
import { search, sender, translate } from './families/words.ts'
import { keyName } from './fields.ts'
import { type Family, type Kit, toolOf } from './kit.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp } from './text.ts'

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

/** Words that people put before and behind the name of a tool. */
const BEFORE =
  'get fetch find show check query load read request new my do run use call api app web home quick simple local smart open basic public main ask demo lookup our team safe fast live mini core user data the tool one easy cloud office city util'.split(
    ' ',
  )
const BEHIND =
  'tool api v2 service now helper info data client v1 lookup call agent function action new task request online endpoint handler command plus simple app query remote async skill v3 fn op util module job plugin wrapper server beta pro worker access method proxy'.split(
    ' ',
  )

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

/**
 * A usual name, as it is or with a usual word before or behind it, or one that says nothing: so many that names have to be read and
 * not remembered, and that the description has to be read as well. In a strange list the added word may be any.
 */
function toolName(draw: Draw, names: readonly string[], strange: boolean): string {
  const usual = draw.said(names)
  const any = () => (draw.chance(0.5) ? draw.from(NOUNS) : madeUp(draw))
  const added = (words: readonly string[]) => (strange ? any() : draw.from(words))
  return draw.weighted<() => string>([
    [8, () => usual],
    [3, () => camel(usual)],
    [2, () => usual.replaceAll('_', '-')],
    [1, () => capitalized(camel(usual))],
    [2, () => `${added(BEFORE)}_${usual}`],
    [2, () => `${usual}_${added(BEHIND)}`],
    [1, () => camel(`${added(BEFORE)}_${usual}`)],
    [1, () => `${usual}-${added(BEHIND)}`],
    [2, () => `${any()}${draw.pick(['_', '-', ''])}${any()}`],
  ])()
}

const renamed = <T>(record: { [key: string]: T }, names: ReadonlyMap<string, string>): { [key: string]: T } =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [names.get(key) ?? key, value]))

/**
 * A tool of a known kind, in one of its many shapes.
 * @param strange with names and keys that it would not have
 */
export function familyKit(draw: Draw, strange: boolean): Kit {
  const [topic, make] = draw.weighted(
    families.map(([weight, name, family]) => [weight, [name, family] as const] as const),
  )
  const { names, about, properties, optional = [], ask, askPair, outcome } = make(draw)
  const keys = Object.keys(properties)
  // The same for keys; two at once could not be told apart.
  const changed = strange && draw.chance(0.3) ? draw.shuffled(keys).slice(0, 1) : []
  const other = new Map(changed.map((key) => [key, keyName(draw)]))
  const required = keys.filter((key) => !optional.includes(key)).map((key) => other.get(key) ?? key)
  return {
    topic,
    ask: () => {
      const { user, args } = ask()
      return { user, args: renamed(args, other) }
    },
    ...(askPair && {
      askPair: () => {
        const { user, args } = askPair()
        return { user, args: [renamed(args[0], other), renamed(args[1], other)] }
      },
    }),
    outcome,
    tool: toolOf(draw, toolName(draw, names, strange), draw.said(about), renamed(properties, other), required),
  }
}
