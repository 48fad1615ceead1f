import type { Arguments, Json, Schema } from '../dialect.ts'
import { keyName, keyNames } from './fields.ts'
import { jsonText } from './json-text.ts'
import { type Kit, toolOf } from './kit.ts'
import { NOUNS, VERBS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, item, madeUp, sentence, someNumber, someWords, word } from './text.ts'

type Value = { value: Json; shown: string }
type Parameter = { key: string; schema: Schema; make: () => Value }

const strings = (draw: Draw): Value => {
  const value = item(draw)
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
            `${capitalized(word(draw))} ${word(draw)}`,
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
    [
      1,
      () => ({
        key,
        schema: described({ type: 'array', items: { type: 'string' } }),
        make: () => {
          const value = draw.times(draw.int(1, 3), () => word(draw))
          return { value, shown: value.join(' and ') }
        },
      }),
    ],
  ])()
}

/** A tool that nobody ever saw: its name, its keys and its values can only be read from the prompt. */
export function randomKit(draw: Draw): Kit {
  const verb = draw.from(VERBS)
  const noun = draw.chance(0.75) ? draw.from(NOUNS) : madeUp(draw)
  const name = draw.weighted<() => string>([
    [6, () => `${verb}_${noun}`],
    [2, () => verb + capitalized(noun)],
    [1, () => noun],
    [1, () => `${noun}_${verb}`],
    [1, () => `${verb}-${noun}`],
    [1, () => `${verb}_${noun}_${draw.from(NOUNS)}`],
    [1, () => madeUp(draw)],
  ])()
  const parameters = keyNames(
    draw,
    draw.weighted([
      [3, 1],
      [4, 2],
      [2, 3],
      [1, 4],
    ]),
  ).map((key) => parameter(draw, key))
  const required = draw.chance(0.7) ? parameters : parameters.slice(0, 1)
  const about = draw.pick([
    `${capitalized(verb)} the ${noun}`,
    `${capitalized(verb)}s a ${noun}`,
    `${capitalized(verb)} ${noun}`,
    `Tool to ${verb} a ${noun}`,
    `${capitalized(verb)} a ${noun} by ${parameters[0]?.key}`,
    undefined,
  ])
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
    if (given.length === 1 && only && draw.chance(0.5)) {
      const v = only.shown
      return {
        user: draw.from([
          `${capitalized(verb)} the ${noun} ${v}.`,
          `${capitalized(verb)} ${noun} ${v}`,
          `Please ${verb} the ${noun} ${v}.`,
          `Can you ${verb} the ${noun} ${v}?`,
          `I want to ${verb} the ${noun} ${v}.`,
          `${verb} ${noun} ${v}`,
          `Use ${name} for ${v}.`,
          `${name} ${v}`,
        ]),
        args,
      }
    }
    const between = draw.pick([' ', ' = ', ': ', ' is ', ' set to '])
    const spoken = draw.chance(0.4)
    const text = given
      .map(({ key, shown }) => `${spoken ? key.replaceAll('_', ' ') : key}${between}${shown}`)
      .join(draw.pick([' and ', ', ', '; ']))
    return {
      user: draw.from([
        `${capitalized(verb)} the ${noun} with ${text}.`,
        `Use ${name} with ${text}.`,
        `Call ${name} with ${text}`,
        `Call the tool ${name} with ${text}.`,
        `Please ${verb} the ${noun}, ${text}.`,
        `${capitalized(verb)} ${noun}: ${text}`,
        `${verb} the ${noun}, ${text}`,
        `Can you ${verb} the ${noun} with ${text}?`,
        `Run ${name}: ${text}`,
        `I want to ${verb} a ${noun}: ${text}`,
        `${name}(${text})`,
        `${capitalized(verb)} a ${noun} with ${text} please.`,
      ]),
      args,
    }
  }
  const outcome = () => {
    if (draw.chance(0.4)) {
      const content = draw.chance(0.5) ? sentence(draw) : someWords(draw, 1, 4)
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
