import { createHash } from 'node:crypto'
import { compileTemplate } from '../raw/chat-template.ts'
import { writesChannels } from '../raw/dialect.ts'
import { isMarker } from '../raw/markers.ts'
import type { ModelFacts } from '../token-engine.ts'
import type { Asking } from './asking.ts'
import { candidatesIn, looksLikeControl } from './special-tokens.ts'
import { inGroups, type Tokenizer, tokenizerOf, tokensIn } from './tokenizer.ts'
import type { TokenizerConfig } from './tokenizer-config.ts'
import type { RawWire } from './wire.ts'

/** All that the raw face of an engine stands on. */
export interface Learned {
  readonly facts: ModelFacts
  readonly tokenizer: Tokenizer
  /** Texts of the tokens that mark thinking and calls: some servers send such a token without its text. */
  readonly markers: ReadonlyMap<number, string>
  readonly slots: number | undefined
}

/** What the operator says; it goes before what the server says. */
export interface Told extends TokenizerConfig {
  readonly model: string
  readonly contextWindow: number
  readonly constrains?: boolean
}

/**
 * Finds out what a server's raw face needs.
 * @returns why there is none, for the operator
 * @throws as `Asking`
 */
export async function learn(wire: RawWire, asking: Asking, told: Told, signal: AbortSignal): Promise<Learned | string> {
  const described = await wire.describe(asking, signal)
  const { chatTemplate, bosToken, eosToken, addedTokens } = { ...described, ...told }
  if (chatTemplate === undefined || chatTemplate.trim() === '') return 'nobody tells its chat template'
  const unknown = [bosToken === undefined && 'bos_token', eosToken === undefined && 'eos_token'].filter(
    (name) => name && chatTemplate.includes(name),
  )
  if (unknown.length > 0) return `its chat template needs ${unknown.join(' and ')}, which nobody tells`

  if (writesChannels(chatTemplate)) return 'its model writes channels (gpt-oss), which its chat API tells apart better'
  const unreadable = problemOf(chatTemplate)
  if (unreadable !== undefined) return unreadable

  const tokenizer = tokenizerOf(wire, asking, told.model)
  if ((await tokenizer.text('a', signal)).length === 0) return 'it does not tokenize'
  const window = described.contextWindow ?? (await wire.contextWindow?.(asking, told.model, signal))
  const candidates = [...candidatesIn(chatTemplate), bosToken, eosToken, ...(addedTokens ?? []).map(({ text }) => text)]
  const names = [...new Set(candidates.filter((text) => text !== undefined && text !== ''))] as readonly string[]
  const listed = new Map(addedTokens?.map(({ text, control }) => [text, control]))
  const found = await inGroups(names, async (text): Promise<readonly Special[]> => {
    const token = await tokenizer.single(text, signal)
    if (token === undefined) return []
    const plain = wire.tokenizePlain && tokensIn(await asking(wire.tokenizePath, wire.tokenizePlain(text), signal))
    const control = plain ? plain.length !== 1 : (listed.get(text) ?? looksLikeControl(text))
    return [{ text, token, control: control && !isMarker(text) }]
  })
  const special = found.flat()
  return {
    facts: {
      contextWindow: Math.min(window ?? Infinity, told.contextWindow),
      chatTemplate,
      bosToken: bosToken ?? '',
      eosToken: eosToken ?? '',
      specialTokens: special.map(({ text }) => text),
      controlTokens: special.filter(({ control }) => control).map(({ text }) => text),
      constrains: told.constrains ?? wire.constrains,
      logprobs: true,
      digest: createHash('sha256')
        .update(`${described.weights ?? ''}\0${told.model}\0${chatTemplate}`)
        .digest('hex'),
    },
    tokenizer,
    markers: new Map(special.filter(({ text }) => isMarker(text)).map(({ token, text }) => [token, text])),
    slots: described.slots,
  }
}

interface Special {
  readonly text: string
  readonly token: number
  readonly control: boolean
}

function problemOf(template: string): string | undefined {
  try {
    compileTemplate(template)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
