/** Tool calls as a model writes them, held to the schemas of the tools. */
import { ServeError } from '../../../completion/failure.ts'
import type { JsonSchema, Tool } from '../../../completion/request.ts'
import { both } from '../../../lib/pattern/automaton.ts'
import { anyChar, chars, difference } from '../../../lib/pattern/char-set.ts'
import { automatonOf } from '../../../lib/pattern/regex.ts'
import type { CallSyntax } from '../call-syntax.ts'
import { choice, type Expression, type Grammar, repeat, row, text } from './gbnf.ts'
import { createJsonWriter, isInexpressible, type JsonWriter, sequence, weakened } from './json.ts'
import { refused } from './references.ts'
import type { Conjunction, ObjectShape } from './shapes.ts'
import {
  automatonOfText,
  type Notation,
  rawNotation,
  type TextRules,
  textOf,
  textOfLength,
  textWithout,
} from './texts.ts'

export interface CallOptions {
  readonly tools: readonly Tool[]
  /** The named choice: exactly one call, of this function (contract C46). */
  readonly only?: string | undefined
  /** 1 where the client wants no parallel calls. */
  readonly maxCalls?: 1 | undefined
}

interface Calls {
  /** From behind the opening marker to the end of the answer. */
  readonly afterOpen: Expression
  /** Left to the check afterwards, as `TOOL: keyword`. */
  readonly unexpressed: readonly string[]
}

/** The characters around which a dsml attribute cannot be read back: nothing is escaped there. */
const unwritableName = /["<>\n\r｜]/
const freeNames = automatonOf('^[a-zA-Z0-9_-]{1,64}$')
const bar = '｜'
const unmarked = textWithout('｜DSML｜')
const barred = textWithout(bar)
const barless: Notation = { any: () => rawNotation.charOf(difference(anyChar, chars(bar))), charOf: rawNotation.charOf }

/** @throws ServeError when a `strict` tool's schema cannot be kept, or no tool can be called */
export function callsOf(grammar: Grammar, syntax: CallSyntax, { tools, only, maxCalls }: CallOptions): Calls {
  const callable = only === undefined ? tools : tools.filter((tool) => tool.name === only)
  const unexpressed: string[] = []
  const bodies = callable.map((tool) => {
    const { body, left } = argumentsOf(grammar, syntax, tool)
    unexpressed.push(...left.map((keyword) => `${tool.name}: ${keyword}`))
    return { name: tool.name, body }
  })
  const single = only !== undefined || maxCalls === 1
  if (syntax.name === 'dsml') {
    const options = bodies.map(({ name, body }) => row(text(`${name}">\n`), body))
    const invoke = grammar.define(
      'invoke',
      row(text('<｜DSML｜invoke name="'), choice(...options), text('</｜DSML｜invoke>\n')),
    )
    return { afterOpen: row(text('\n'), single ? invoke : repeat(invoke, 1), text(syntax.close)), unexpressed }
  }
  const options = bodies.map(({ name, body }) => row(text(`${JSON.stringify(name)}, "arguments": `), body))
  const call = grammar.define('call', row(text('\n{"name": '), choice(...options), text(`}\n${syntax.close}`)))
  const more = grammar.define('calls', row(text(`\n${syntax.open}`), call))
  return { afterOpen: single ? call : row(call, repeat(more, 0)), unexpressed }
}

/** A schema without `strict` is a hint: what cannot be kept of it opens the arguments instead of closing the door. */
function argumentsOf(grammar: Grammar, syntax: CallSyntax, tool: Tool): { body: Expression; left: readonly string[] } {
  try {
    return argumentsFitting(grammar, syntax, tool.parameters ?? { type: 'object', additionalProperties: false })
  } catch (error) {
    if (!(error instanceof ServeError)) throw error
    if (tool.strict) throw refused(`The function '${tool.name}' cannot be held to its schema. ${error.failure.message}`)
    return { body: argumentsFitting(grammar, syntax, { type: 'object' }).body, left: ['parameters'] }
  }
}

function argumentsFitting(grammar: Grammar, syntax: CallSyntax, schema: JsonSchema) {
  const json = createJsonWriter(grammar, schema)
  const shapes = json.reader.shapesOf([schema]).filter((shape) => shape.type === 'object')
  if (shapes.length === 0) throw refused('The arguments of a function must be an object.')
  const body = choice(
    ...shapes.map((shape) =>
      syntax.name === 'dsml' ? parameters(grammar, json, shape) : json.object(shape, { closed: true }),
    ),
  )
  return { body, left: [...json.reader.unexpressed] }
}

/** The `parameter` elements of one call. Properties nobody declared are let in only where nothing was declared at all. */
function parameters(grammar: Grammar, json: JsonWriter, shape: ObjectShape): Expression {
  if (shape.min > 1 || shape.max !== undefined) json.reader.unexpressed.add('minProperties and maxProperties')
  const close = text('</｜DSML｜parameter>\n')
  const known = json.entries(shape) ?? []
  const body = known.flatMap(([name, { value, required }]) => {
    if (unwritableName.test(name)) {
      if (required) throw refused(`The property '${name}' has a name that this model cannot write in a call.`)
      return []
    }
    return [{ body: row(text(name), given(grammar, json, value), close), required }]
  })
  const free = known.length > 0 ? [] : json.extraNames(shape)
  const extras = free.map(({ names, value }) =>
    row(textOf(grammar, rawNotation, both(names, freeNames), 'name'), given(grammar, json, value), close),
  )
  const open = text('<｜DSML｜parameter name="')
  return sequence(grammar, body, open, extras.length > 0 ? grammar.define('parameter', choice(...extras)) : undefined)
    .rest
}

/** The end of a parameter's tag, and its value: text as it stands, JSON, or either. */
function given(grammar: Grammar, json: JsonWriter, value: Conjunction): Expression {
  const shapes = json.reader.shapesOf(value)
  const texts = shapes.filter((shape) => shape.type === 'string')
  const forms: Expression[] = []
  if (texts.length > 0)
    forms.push(row(text('" string="true">'), choice(...texts.map((rules) => rawText(grammar, json, rules)))))
  if (texts.length < shapes.length) forms.push(row(text('" string="false">'), json.value(value)))
  return grammar.define('given', choice(...forms))
}

/** Text that cannot be taken for markup. Where more is asked than a least length, the bar of the markers is left out altogether. */
function rawText(grammar: Grammar, json: JsonWriter, rules: TextRules): Expression {
  const marked = rules.patterns.length > 0 || rules.max !== undefined || rules.min > 8
  if (!rules.texts && marked && rules.patterns.length === 0) return textOfLength(grammar, barless, rules.min, rules.max)
  if (rules.texts) {
    const texts = rules.texts.filter((value) => !value.includes('｜DSML｜'))
    return textOf(grammar, rawNotation, automatonOfText({ ...rules, texts }), 'raw')
  }
  try {
    return grammar.once(`raw ${JSON.stringify(rules)}`, () =>
      textOf(grammar, rawNotation, both(automatonOfText(rules), marked ? barred : unmarked), 'raw'),
    )
  } catch (error) {
    if (!isInexpressible(error)) throw error
    const weaker = weakened(rules)
    json.reader.unexpressed.add(weaker.left)
    return rawText(grammar, json, weaker.rules)
  }
}
