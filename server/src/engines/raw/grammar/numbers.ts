/** Numbers within bounds, as automata over their decimal digits. */

import { createLru } from '../../../lib/lru.ts'
import { type Automaton, anyText, both, either, explore } from '../../../lib/pattern/automaton.ts'
import { type CharSet, chars } from '../../../lib/pattern/char-set.ts'
import { automatonOf } from '../../../lib/pattern/regex.ts'

interface Bound {
  readonly value: number
  readonly exclusive: boolean
}

export interface NumberRules {
  readonly integer: boolean
  readonly min: Bound | undefined
  readonly max: Bound | undefined
  readonly multiples: readonly number[]
}

/** Integers of up to 16 digits (JavaScript's own reach); where each digit counts, and in other numbers, 15, which are exact. */
const maxIntegerDigits = 16
const maxDigits = 15
/** A remainder is one state; larger divisors are checked afterwards. */
const maxDivisor = 64

type Order = '<' | '=' | '>'
const digit = (from: number, to: number): CharSet => [[0x30 + from, 0x30 + to]]

/** Plain decimals, no exponent, no sign, compared with `bound` >= 0: those whose order to it is among `orders`. */
function magnitude(bound: number, orders: readonly Order[]): Automaton {
  const [whole = '0', fraction = ''] = bound.toFixed(fractionDigits(bound)).split('.')
  const wanted = whole === '0' ? '0' : whole
  type At = { readonly part: 'whole' | 'fraction'; readonly read: number; readonly order: Order }
  const compared = (order: Order, against: string | undefined): readonly { chars: CharSet; order: Order }[] => {
    if (order !== '=') return [{ chars: digit(0, 9), order }]
    const d = Number(against ?? '0')
    return [
      ...(d > 0 ? [{ chars: digit(0, d - 1), order: '<' as const }] : []),
      { chars: digit(d, d), order: '=' as const },
      ...(d < 9 ? [{ chars: digit(d + 1, 9), order: '>' as const }] : []),
    ]
  }
  const settled = (at: At): Order =>
    at.part === 'fraction' ? at.order : at.read < wanted.length ? '<' : at.read > wanted.length ? '>' : at.order
  const restIsZero = (at: At) => !/[1-9]/.test(at.part === 'fraction' ? fraction.slice(at.read) : fraction)
  return explore<At>(
    { part: 'whole', read: 0, order: '=' },
    ({ part, read, order }) => `${part}${read}${order}`,
    (at) => {
      const order = settled(at)
      const final = order === '=' && !restIsZero(at) ? '<' : order
      const arcs =
        at.part === 'whole'
          ? [
              ...compared(at.order, at.read < wanted.length ? wanted[at.read] : '0').map(({ chars, order }) => ({
                chars,
                to: {
                  part: 'whole' as const,
                  read: Math.min(at.read + 1, wanted.length + 1),
                  order: at.read >= wanted.length ? ('>' as const) : order,
                },
              })),
              ...(at.read > 0 ? [{ chars: chars('.'), to: { part: 'fraction' as const, read: 0, order } }] : []),
            ]
          : compared(at.order, fraction[at.read]).map(({ chars, order }) => ({
              chars,
              to: { part: 'fraction' as const, read: Math.min(at.read + 1, fraction.length), order },
            }))
      return { accepts: (at.part === 'fraction' || at.read > 0) && orders.includes(final), arcs }
    },
  )
}

function fractionDigits(value: number): number {
  const [, mantissa = '', exponent = '0'] = /^\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  return Math.min(100, Math.max(0, mantissa.length - Number(exponent)))
}

/** `automaton` behind a minus sign. */
const negated = (automaton: Automaton): Automaton =>
  automaton.length === 0
    ? []
    : [
        { accepts: false, arcs: [{ chars: chars('-'), to: 1 }] },
        ...automaton.map(({ accepts, arcs }) => ({ accepts, arcs: arcs.map((arc) => ({ ...arc, to: arc.to + 1 })) })),
      ]

/** Values on one side of a bound. A side of the sign that the bound does not cut, is left whole. */
function onSide(bound: Bound, side: 'min' | 'max'): Automaton {
  const size = Math.abs(bound.value)
  const below: readonly Order[] = bound.exclusive ? ['<'] : ['<', '=']
  const above: readonly Order[] = bound.exclusive ? ['>'] : ['>', '=']
  const positive = automatonOf('^[0-9]')
  const negative = automatonOf('^-')
  if (side === 'min')
    return bound.value >= 0 ? magnitude(size, above) : either([positive, negated(magnitude(size, below))])
  // A zero has no sign in the form below, so that a maximum of 0 has "0" itself to allow.
  if (bound.value < 0) return negated(magnitude(size, above))
  return either([negative, magnitude(size, below)])
}

/** Integers, sign and all, that `divisor` divides. */
const remainders = (divisor: number): Automaton =>
  explore<number>(0, String, (rest) => ({
    accepts: rest === 0,
    arcs: [
      { chars: chars('-'), to: rest },
      ...Array.from({ length: 10 }, (_, d) => ({ chars: digit(d, d), to: (rest * 10 + d) % divisor })),
    ],
  }))

const integerForm = (digits: number): Automaton => automatonOf(`^(?:0|-?[1-9][0-9]{0,${digits - 1}})$`)
const forms = new Map<number, Automaton>()

/** How a number may look: no leading zeros, no minus zero, no exponent, and only so many digits. */
function form(decimals: number): Automaton {
  const before = forms.get(decimals)
  if (before) return before
  const shape = automatonOf(
    decimals === 0
      ? '^(?:0|-?[1-9][0-9]*)$'
      : `^(?:0|-?[1-9][0-9]*|-?[1-9][0-9]*\\.[0-9]{1,${decimals}}|0\\.[0-9]{1,${decimals}}|-0\\.[0-9]{0,${decimals - 1}}[1-9])$`,
  )
  const automaton = both(shape, automatonOf(`^[^0-9]*(?:[0-9][^0-9]*){1,${maxDigits}}$`))
  forms.set(decimals, automaton)
  return automaton
}

/** How an automaton can hold to `multiple`: not at all, by remainders, or by a number of decimals. */
function wayOfMultiple(
  multiple: number,
  integer: boolean,
): 'always' | 'remainder' | { readonly decimals: number } | undefined {
  if (integer && Number.isInteger(1 / multiple)) return 'always'
  if (integer && Number.isInteger(multiple) && multiple <= maxDivisor) return 'remainder'
  const decimals = Math.round(-Math.log10(multiple))
  if (!integer && decimals >= 0 && multiple === Number(`1e-${decimals}`)) return { decimals }
  return undefined
}

/** The keywords that the automaton does not hold to. */
export const numberKeywordsLeft = ({ multiples, integer }: NumberRules): readonly string[] =>
  multiples.some((multiple) => wayOfMultiple(multiple, integer) === undefined) ? ['multipleOf'] : []

const known = createLru<Automaton>(256)

/** @throws TooManyStates */
export function automatonOfNumber(rules: NumberRules): Automaton {
  const key = JSON.stringify(rules)
  const before = known.get(key)
  if (before) return before
  const automaton = composed(rules)
  known.set(key, automaton)
  return automaton
}

function composed(rules: NumberRules): Automaton {
  let limits: Automaton = anyText
  let decimals = maxDigits - 1
  for (const multiple of rules.multiples) {
    const way = wayOfMultiple(multiple, rules.integer)
    if (way === 'remainder') limits = both(limits, remainders(multiple))
    else if (typeof way === 'object') decimals = Math.min(decimals, way.decimals)
  }
  const digits = rules.multiples.length > 0 ? maxDigits : maxIntegerDigits
  let automaton = both(limits, rules.integer ? integerForm(digits) : form(decimals))
  for (const side of ['min', 'max'] as const) {
    const bound = rules[side]
    if (!bound) continue
    if (Math.abs(bound.value) >= 1e21) {
      // Beyond what the form can write: either no bound at all, or nothing fits.
      if (bound.value > 0 === (side === 'min')) return []
      continue
    }
    automaton = both(automaton, onSide(bound, side))
  }
  return automaton
}
