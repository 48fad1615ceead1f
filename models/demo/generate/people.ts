import type { Json, Schema } from '../dialect.ts'
import { COLORS, DAYS, JOBS, NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { cityName, madeUp, personName, someDate, someEmail } from './text.ts'

/** One property of a record: how a sentence says it, what it is called, what type it has. */
export type Attribute = { keys: readonly string[]; type: Schema; value: Json; said: readonly string[] }

const string: Schema = { type: 'string' }
const integer: Schema = { type: 'integer' }

export const attributes: readonly ((draw: Draw) => Attribute)[] = [
  (draw) => {
    const v = draw.int(1, 99)
    return {
      keys: ['age', 'years', 'age_years'],
      type: integer,
      value: v,
      said: [`is ${v} years old`, `is ${v}`, `is aged ${v}`, `turned ${v}`, `has turned ${v}`, `is ${v} years of age`],
    }
  },
  (draw) => {
    const v = cityName(draw)
    return {
      keys: ['city', 'town', 'home', 'location', 'place'],
      type: string,
      value: v,
      said: [
        `lives in ${v}`,
        `comes from ${v}`,
        `is from ${v}`,
        `moved to ${v}`,
        `has a house in ${v}`,
        `is at home in ${v}`,
      ],
    }
  },
  (draw) => {
    const v = draw.chance(0.85) ? draw.from(JOBS) : madeUp(draw)
    return {
      keys: ['job', 'profession', 'occupation', 'work', 'role'],
      type: string,
      value: v,
      said: [`works as a ${v}`, `is a ${v}`, `has a job as a ${v}`, `is a ${v} by profession`],
    }
  },
  (draw) => {
    const v = draw.chance(0.85) ? draw.from(COLORS) : madeUp(draw)
    return {
      keys: ['color', 'favorite_color', 'colour'],
      type: string,
      value: v,
      said: [`likes the color ${v}`, `loves ${v}`, `has the favorite color ${v}`, `likes ${v} best`],
    }
  },
  (draw) => {
    const v = someEmail(draw)
    return {
      keys: ['email', 'mail', 'email_address', 'contact'],
      type: string,
      value: v,
      said: [
        `has the email ${v}`,
        `can be reached at ${v}`,
        `uses the address ${v}`,
        `gets mail at ${v}`,
        `writes from ${v}`,
      ],
    }
  },
  (draw) => {
    const v = draw.int(1, 500)
    return {
      keys: ['price', 'amount', 'cost', 'total'],
      type: draw.chance(0.5) ? integer : { type: 'number' },
      value: v,
      said: [
        `paid ${v} dollars`,
        `spent ${v} euros`,
        `owes ${v} dollars`,
        `paid ${v} euros`,
        `has to pay ${v} dollars`,
      ],
    }
  },
  (draw) => {
    const v = draw.chance(0.85) ? draw.from(NOUNS) : madeUp(draw)
    return {
      keys: ['product', 'item', 'article', 'thing'],
      type: string,
      value: v,
      said: [`bought a ${v}`, `ordered a ${v}`, `wants a ${v}`, `needs a ${v}`, `would like a ${v}`, `has a ${v}`],
    }
  },
  (draw) => {
    const v = draw.chance(0.5) ? draw.pick(DAYS) : someDate(draw)
    return {
      keys: ['day', 'date', 'when'],
      type: string,
      value: v,
      said: [`arrives on ${v}`, `comes on ${v}`, `was born on ${v}`, `leaves on ${v}`, `starts on ${v}`],
    }
  },
  (draw) => {
    const v = draw.int(1, 9)
    return {
      keys: ['children', 'kids', 'number_of_children'],
      type: integer,
      value: v,
      said: [`has ${v} children`, `has ${v} kids`, `is the parent of ${v} children`],
    }
  },
  (draw) => {
    const v = personName(draw)
    return {
      keys: ['friend', 'partner', 'neighbor'],
      type: string,
      value: v,
      said: [`is a friend of ${v}`, `knows ${v}`, `travels with ${v}`, `works with ${v}`, `lives next to ${v}`],
    }
  },
]
