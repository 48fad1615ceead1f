/** How the common families of models write calls, for reading: whatever an engine says, markup never stays in an answer. */

import type { Tool } from '../../completion/request.ts'
import type { ArgumentSchemas } from '../../completion/steps/call-values.ts'
import type { BlockSyntax } from '../../completion/steps/parse-calls.ts'
import { readDsml } from '../../completion/steps/read-dsml.ts'
import { type ListedOptions, readGemma, readHarmony, readListed } from '../../completion/steps/read-listed-calls.ts'
import { readDeepseekV3, readKimi, readMistral } from '../../completion/steps/read-special-tokens.ts'
import { readElements, readFunctions } from '../../completion/steps/read-tool-call.ts'
import type { Markup } from '../../completion/steps/remove-markup.ts'
import { hermes } from './call-syntax.ts'

export interface CallReading extends BlockSyntax {
  /** What must not be seen of it in an answer. */
  readonly markup: readonly Markup[]
  /** Token texts that a model without tools must never say. */
  readonly tokens: readonly string[]
}

const specials = (...texts: readonly [opener: string, ...rest: string[]]): Omit<CallReading, 'reader'> => ({
  opener: texts[0],
  markup: texts.map((text) => ({ text })),
  tokens: texts,
})

/** A family whose calls stand in a list of some form between two markers. */
const listed = (open: string, close: string, options: ListedOptions = {}): CallReading => ({
  ...specials(open, close, ...(options.behind === undefined ? [] : [options.behind])),
  ...(options.plain && { plain: true, markup: [], tokens: [] }),
  reader: readListed(open, close, options),
})

const harmonyMarkup: readonly Markup[] = [
  { text: '<|channel|>', until: '<|message|>' },
  { text: '<|start|>', until: '<|message|>' },
  ...['<|message|>', '<|constrain|>', '<|end|>', '<|call|>', '<|return|>'].map((text) => ({ text })),
]

const stepCall = '<｜tool_call_begin｜>function<｜tool_sep｜>'

export const readings = {
  /** DeepSeek V4, V4.1, V3.2. */
  dsml: {
    opener: '<｜DSML｜',
    reader: readDsml,
    markup: [{ text: '<｜DSML｜', until: '>' }, { text: '</｜DSML｜', until: '>' }, { text: '｜DSML｜' }],
    tokens: ['｜DSML｜'],
  },
  /** Hermes, Qwen, Qwen3-Coder, GLM. */
  hermes: { ...specials(hermes.open, hermes.close), reader: readElements('tool_call') },
  functionCall: { ...specials('<function_call>', '</function_call>'), reader: readElements('function_call') },
  functions: { opener: '<function=', reader: readFunctions, plain: true, markup: [], tokens: [] },
  mistral: { opener: '[TOOL_CALLS]', reader: readMistral, plain: true, markup: [], tokens: ['[TOOL_CALLS]'] },
  llama: { ...specials('<|python_tag|>', '<|eom_id|>'), reader: readListed('<|python_tag|>', '<|eom_id|>') },
  llama4: listed('<|python_start|>', '<|python_end|>'),
  /** DeepSeek V3, R1, V3.1. */
  deepseekV3: {
    ...specials(
      '<｜tool▁calls▁begin｜>',
      '<｜tool▁calls▁end｜>',
      '<｜tool▁call▁begin｜>',
      '<｜tool▁call▁end｜>',
      '<｜tool▁sep｜>',
    ),
    reader: readDeepseekV3,
  },
  kimi: {
    ...specials(
      '<|tool_calls_section_begin|>',
      '<|tool_calls_section_end|>',
      '<|tool_call_begin|>',
      '<|tool_call_end|>',
      '<|tool_call_argument_begin|>',
    ),
    reader: readKimi,
  },
  /** gpt-oss. Its markers stand around all that it says, so that none of them may be banned. */
  harmonyChannel: { opener: '<|channel|>', reader: readHarmony, markup: harmonyMarkup, tokens: [] },
  harmonyMessage: { opener: '<|start|>', reader: readHarmony, markup: harmonyMarkup, tokens: [] },
  phi: listed('<|tool_call|>', '<|/tool_call|>'),
  lfm: listed('<|tool_call_start|>', '<|tool_call_end|>'),
  internlm: listed('<|action_start|>', '<|action_end|>', { behind: '<|plugin|>' }),
  cohere: listed('<|START_ACTION|>', '<|END_ACTION|>'),
  gemma: { ...specials('<|tool_call>', '<tool_call|>', '<|"|>'), reader: readGemma('<|"|>', '<tool_call|>') },
  functionGemma: {
    ...specials('<start_function_call>', '<end_function_call>', '<escape>'),
    reader: readGemma('<escape>', '<end_function_call>'),
  },
  minimax: listed('<minimax:tool_call>', '</minimax:tool_call>'),
  /** Seed-OSS. */
  seed: { ...specials('<seed:tool_call>', '</seed:tool_call>'), reader: readElements('seed:tool_call') },
  step: {
    ...specials(
      '<｜tool_calls_begin｜>',
      '<｜tool_calls_end｜>',
      '<｜tool_call_begin｜>',
      '<｜tool_call_end｜>',
      '<｜tool_sep｜>',
    ),
    reader: readListed(stepCall, '<｜tool_call_end｜>', { behind: stepCall }),
  },
  /** Nemotron. */
  nemotron: listed('<TOOLCALL>', '</TOOLCALL>'),
  /** Jamba, Hunyuan. People write these two, too. */
  jamba: listed('<tool_calls>', '</tool_calls>', { plain: true }),
  functionCalls: listed('<function_calls>', '</function_calls>', { plain: true }),
} satisfies Record<string, CallReading>

export const allReadings: readonly CallReading[] = Object.values(readings)

/** @returns what must not be seen of these families. `forbidden`: calls were offered and ruled out, so that their openers are not just talk */
export const markupOf = (families: readonly CallReading[], forbidden: boolean): readonly Markup[] =>
  families.flatMap(({ markup, plain, opener }) => (plain && forbidden ? [{ text: opener }] : markup))

/** @returns the openers that end the reasoning they stand in (contract C127): not those that people write too */
export const openersOf = (families: readonly CallReading[]): readonly string[] =>
  families.flatMap(({ opener, plain }) => (plain ? [] : [opener]))

/** @returns what the tools declare for each argument, for families that write values without their types */
export function schemasOf(tools: readonly Tool[]): ArgumentSchemas {
  const byName = new Map(tools.map(({ name, parameters }) => [name, parameters?.properties]))
  return (name, key) => {
    const properties = byName.get(name)
    return typeof properties === 'object' && properties !== null && Object.hasOwn(properties, key)
      ? (properties as { readonly [key: string]: unknown })[key]
      : undefined
  }
}
