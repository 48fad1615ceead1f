/** What a request promises of its answer, as a grammar that the engine enforces while it generates. */
import { hash } from 'node:crypto'
import type { JsonSchema } from '../../../completion/request.ts'
import { createLru } from '../../../lib/lru.ts'
import type { CallSyntax } from '../call-syntax.ts'
import { type CallOptions, callsOf } from './calls.ts'
import { choice, createGrammar, type Expression, type Grammar, nothing, row, text } from './gbnf.ts'
import { createJsonWriter } from './json.ts'
import { refused } from './references.ts'

export interface CompiledGrammar {
  /** GBNF with the start symbol `root`. Where it ends, only the end of generation may follow. */
  readonly gbnf: string
  /** Keywords that the grammar could not express: the output must be checked against the schema afterwards. */
  readonly unexpressed: readonly string[]
}

/** The engine reads a grammar once a request, in some 50 ms per MB. */
const maxChars = 2 * 1024 * 1024
const known = createLru<CompiledGrammar>(128)

/** What models write between `</think>` and an answer. No more: one that would rather say something else fills all there is. */
const lead = choice(nothing, text(' '), text('\n'), text('\n\n'))

function compiled(
  kind: string,
  input: unknown,
  build: (grammar: Grammar) => { root: Expression; unexpressed: readonly string[] },
): CompiledGrammar {
  const key = hash('sha256', JSON.stringify([kind, input]))
  const before = known.get(key)
  if (before) return before
  const grammar = createGrammar()
  const { root, unexpressed } = build(grammar)
  const gbnf = grammar.print(root)
  if (gbnf === undefined) throw refused('The schema contradicts itself: no value can fit it.')
  if (gbnf.length > maxChars) throw refused('The schema is too complex to hold an answer to it.')
  const made = { gbnf, unexpressed }
  known.set(key, made)
  return made
}

/** `response_format: json_object`: any one JSON object. */
export const grammarOfJsonObject = (): CompiledGrammar => grammarOfSchema({ type: 'object' })

/**
 * `response_format: json_schema`. Properties come in the order of the schema; undeclared ones only where `additionalProperties`
 * or `patternProperties` speak of them, or nothing is declared.
 * @throws ServeError for what no answer can fit: references that leave the schema, contradictions, sheer size
 */
export function grammarOfSchema(schema: JsonSchema): CompiledGrammar {
  return compiled('json', schema, (grammar) => {
    const json = createJsonWriter(grammar, schema)
    const root = row(lead, json.value([schema]))
    return { root, unexpressed: [...json.reader.unexpressed] }
  })
}

/**
 * One call or more, and nothing else.
 * @param options.opened the cue was `syntax.open`: it is written already, and the grammar begins right behind it
 * @throws ServeError when a `strict` tool's schema cannot be kept, or no tool can be called
 */
export function grammarOfCalls(
  syntax: CallSyntax,
  { opened, ...options }: CallOptions & { readonly opened: boolean },
): CompiledGrammar {
  return compiled('calls', [syntax, options, opened], (grammar) => {
    const { afterOpen, unexpressed } = callsOf(grammar, syntax, options)
    return { root: opened ? afterOpen : row(lead, text(syntax.open), afterOpen), unexpressed }
  })
}

/** Calls or JSON, whichever the model begins (contract C59). @throws ServeError as the other two */
export function grammarOfCallsOrJson(syntax: CallSyntax, options: CallOptions, schema: JsonSchema): CompiledGrammar {
  return compiled('calls or json', [syntax, options, schema], (grammar) => {
    const { afterOpen, unexpressed } = callsOf(grammar, syntax, options)
    const json = createJsonWriter(grammar, schema)
    const root = row(lead, choice(row(text(syntax.open), afterOpen), json.value([schema])))
    return { root, unexpressed: [...unexpressed, ...json.reader.unexpressed] }
  })
}
