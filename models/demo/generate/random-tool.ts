import type { Arguments, Json, Schema } from '../dialect.ts'
import { keyName, keyNames } from './fields.ts'
import { jsonText } from './json-text.ts'
import { type Kit, toolOf } from './kit.ts'
import { NOUNS, VERBS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, item, madeUp, sentence, someNumber, someWords, word } from './text.ts'

type Value = { value: Json; shown: string }
type Parameter = { key: string; schema: Schema; make: () => Value }

/** A text that does not look like a number. */
const strings = (draw: Draw): Value => {
  const drawn = item(draw)
  const value = Number.isNaN(Number(drawn)) ? drawn : word(draw)
  return { value, shown: value }
}

function parameter(draw: Draw, key: string): Parameter {
  const described = (schema: Schema): Schema =>
    draw.chance(0.4)
      ? {
          ...schema,
          description: draw.pick([
            `The ${key.replaceAll('_', ' ')}`,
            `${capitalized(key.replaceAll('_', ' '))} to use`,
            `Which ${key.replaceAll('_', ' ')}`,
          ]),
        }
      : schema
  return draw.weighted<() => Parameter>([
    [7, () => ({ key, schema: described({ type: 'string' }), make: () => strings(draw) })],
    [
      4,
      () => ({
        key,
        schema: described({ type: draw.pick(['integer', 'integer', 'number']) }),
        make: () => {
          const value = someNumber(draw)
          return { value, shown: String(value) }
        },
      }),
    ],
    [
      2,
      () => ({
        key,
        schema: described({ type: 'boolean' }),
        make: () => {
          const value = draw.chance(0.5)
          return { value, shown: value ? 'true' : 'false' }
        },
      }),
    ],
    [
      2,
      () => {
        const options = draw.times(draw.int(2, 4), () => word(draw))
        return {
          key,
          schema: described({ type: 'string', enum: options }),
          make: () => {
            const value = draw.pick(options)
            return { value, shown: value }
          },
        }
      },
    ],
  ])()
}

/** Ways to ask, with the verb of the tool, large and small, its noun, its name, and one value. */
const ONE_VALUE = [
  '{0} [the|this|my|our] {2} {4}[||.]',
  '[Please|Can you|Could you|I want to|I need you to|Now|We have to|I would like to|Let us] {1} the {2} {4}.',
  '[Use|Call|Run|Take|Try|Start] [|the tool ]{3} [for|with|on] {4}[||.]',
  '[The|Our|My] {2} {4} [needs|wants] you to {1} it.',
]
/** The same with keys and their values. */
const SOME_VALUES = [
  '{0} [the|a|this|my|our|one] {2} [with|where|using] {4}[||.]',
  '[Please|Can you|Could you|I want to|I need you to|Now|We have to|I would like to|Let us] {1} [the|a|this|my] {2} with {4}[||.]',
  '[Use|Call|Run|Take|Try|Start] [|the tool |the function ]{3} with {4}[||.]',
  '[Please|Now|Then] [use|call|run] [|the tool ]{3} with {4}[||.]',
  '{0} {2}[: | with ]{4}',
  '[Run|Call|Tool|Use] {3}: {4}',
  'I need [|the tool ]{3}[ with|:] {4}',
]

/**
 * A tool that nobody ever saw: its name, its keys and its values can only be read from the prompt, and the request names it.
 * @param drill what it returns is one word, and most names have nothing to do with the description, so that it has to be read
 */
export function randomKit(draw: Draw, drill = false): Kit {
  const verb = draw.from(VERBS)
  const noun = draw.chance(0.75) ? draw.from(NOUNS) : madeUp(draw)
  const other = drill && draw.chance(0.65)
  const [head, tail] = other ? [draw.chance(0.7) ? draw.from(NOUNS) : madeUp(draw), draw.from(NOUNS)] : [verb, noun]
  const name = draw.weighted([
    [8, `${head}_${tail}`],
    [1, head + capitalized(tail)],
    [1, `${head}-${tail}`],
  ])
  const parameters = keyNames(
    draw,
    draw.weighted([
      [5, 1],
      [5, 2],
      [1, 3],
    ]),
  ).map((key) => parameter(draw, key))
  const required = draw.chance(0.7) ? parameters : parameters.slice(0, 1)
  const about = draw.pick([`${capitalized(verb)} the ${noun}`, `${capitalized(verb)} a ${noun}`])
  const tool = toolOf(
    draw,
    name,
    about,
    Object.fromEntries(parameters.map(({ key, schema }) => [key, schema])),
    required.map(({ key }) => key),
  )
  const ask = () => {
    const given = parameters
      .filter((p) => required.includes(p) || draw.chance(0.5))
      .map((p) => ({ key: p.key, ...p.make() }))
    const args: Arguments = Object.fromEntries(given.map(({ key, value }) => [key, value]))
    const only = given[0]
    if (given.length === 1 && only && draw.chance(0.4)) {
      const user = draw.said(ONE_VALUE, capitalized(verb), verb, noun, name, only.shown)
      return { user, args }
    }
    const between = draw.pick([' ', ' = ', ': ', ' is '])
    const text = given.map(({ key, shown }) => `${key}${between}${shown}`).join(draw.pick([' and ', ', ']))
    const user = draw.said(SOME_VALUES, capitalized(verb), verb, noun, name, text)
    return { user, args }
  }
  const outcome = () => {
    if (drill || draw.chance(0.4)) {
      const content = drill ? word(draw) : draw.chance(0.5) ? sentence(draw) : someWords(draw, 1, 4)
      return { content, answer: `The result is: ${content}` }
    }
    const pairs = keyNames(draw, draw.int(1, 3)).map((key): [string, Json] => [
      key,
      draw.weighted<() => Json>([
        [3, () => item(draw)],
        [2, () => someNumber(draw)],
        [1, () => draw.chance(0.5)],
      ])(),
    ])
    return {
      content: jsonText(Object.fromEntries(pairs)),
      answer: `The result is: ${pairs.map(([key, value]) => `${key} ${String(value)}`).join(', ')}`,
    }
  }
  return { tool, ask, outcome, topic: `random ${keyName(draw)}` }
}
