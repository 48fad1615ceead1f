import type { ThinkTags } from '../../completion/steps/split-reasoning.ts'
import type { ModelFacts } from '../token-engine.ts'
import { allReadings, type CallReading, readings } from './call-readings.ts'
import { type CallSyntax, dsml, hermes } from './call-syntax.ts'

/** How one set of weights reads and writes: taken from its chat template, never from its name (contract, section 19). */
export interface Dialect {
  readonly name: 'deepseek-v4' | 'deepseek' | 'hermes' | 'plain'
  /** The weights are DeepSeek's: thinking mode has its own sampling (contract C16). */
  readonly deepseek: boolean
  readonly canThink: boolean
  readonly thinkTags: ThinkTags
  /** Newlines around the reasoning and before the answer are layout, not text. */
  readonly trimsNewlines: boolean
  readonly callSyntax: CallSyntax
  /** The family's own way first; then others that the template shows, which the weights may fall into. */
  readonly callReadings: readonly CallReading[]
  /** All that it says stands in channels (gpt-oss); what it thinks there is left out, since nobody can switch it. */
  readonly writesChannels: boolean
  /** The template knows tools in the syntax above; else we describe them to the model, in hermes syntax. */
  readonly writesTools: boolean
  /** The template writes the response format; else an instruction is put into the system message. */
  readonly writesFormat: boolean
  /** The template can leave the last assistant message open (contract C29); else its text is appended. */
  readonly continuesMessages: boolean
}

/** A family is known by its template; the first that fits counts. */
const families: readonly {
  readonly name: Dialect['name']
  readonly fits: (template: string) => boolean
  readonly deepseek: boolean
  readonly callSyntax: CallSyntax
  readonly writesTools: boolean
}[] = [
  {
    name: 'deepseek-v4',
    // V3.2 and V4.1 have the marker too, but other names behind it.
    fits: (template) => template.includes('｜DSML｜') && template.includes('tool_calls>'),
    deepseek: true,
    callSyntax: dsml,
    writesTools: true,
  },
  {
    name: 'deepseek',
    fits: (template) => template.includes('<｜Assistant｜>'),
    deepseek: true,
    callSyntax: hermes,
    writesTools: false,
  },
  {
    name: 'hermes',
    // Others write XML between the same tags; those have no "arguments" member.
    fits: (template) => template.includes('<tool_call>') && /arguments\\?["']+\s*:/.test(template),
    deepseek: false,
    callSyntax: hermes,
    writesTools: true,
  },
  { name: 'plain', fits: () => true, deepseek: false, callSyntax: hermes, writesTools: false },
]

export const writesChannels = (template: string): boolean => template.includes('<|channel|>')

/** @throws Error if the model has no chat template: nobody can know how to talk to it. */
export function dialectOf(facts: Pick<ModelFacts, 'chatTemplate'>): Dialect {
  const template = facts.chatTemplate
  if (template.trim() === '')
    throw new Error(
      'This model has no chat template (tokenizer.chat_template), so Tidegate cannot write prompts for it.',
    )
  const family = families.find(({ fits }) => fits(template))
  if (!family) throw new Error('The table of dialects has no last row.')
  const own: CallReading = readings[family.callSyntax.name]
  const canThink = /<\/?think>|enable_thinking/.test(template)
  return {
    name: family.name,
    deepseek: family.deepseek,
    canThink,
    thinkTags: { open: '<think>', close: '</think>' },
    trimsNewlines: canThink && family.name !== 'deepseek-v4',
    callSyntax: family.callSyntax,
    callReadings: [own, ...allReadings.filter((reading) => reading !== own && template.includes(reading.opener))],
    writesChannels: writesChannels(template),
    writesTools: family.writesTools,
    writesFormat: template.includes('response_format'),
    continuesMessages: template.includes('continue_final_message'),
  }
}
