import { type LlamaModel, LlamaVocabularyType, type Token } from 'node-llama-cpp'
import { isMarker } from '../raw/markers.ts'

/** GPT-2's alphabet, in which byte-level vocabularies are written: one printable character for each byte. */
const byteOfChar: ReadonlyMap<string, number> = (() => {
  const bytes = new Map<string, number>()
  let beyond = 0
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    bytes.set(String.fromCodePoint(printable ? byte : 256 + beyond++), byte)
  }
  return bytes
})()

const bytesOfChar = (char: string): readonly number[] => {
  const byte = byteOfChar.get(char)
  return byte === undefined ? [...Buffer.from(char)] : [byte]
}

/** What a model's tokens stand for. The library gives text only, in which half a character is lost; here are the bytes. */
export class Vocabulary {
  /** As `ModelFacts.specialTokens`. */
  readonly specialTokens: readonly string[]
  /** As `ModelFacts.controlTokens`. */
  readonly controlTokens: readonly string[]
  /** Every text that the tokenizer takes as one token wherever it stands. */
  readonly parsedTexts: readonly string[]
  /** Control tokens that do not end the turn: never generated (contract EM2). */
  readonly hidden: readonly Token[]
  readonly size: number
  readonly #model: LlamaModel
  readonly #texts: readonly string[]
  readonly #special = new Map<string, Token>()
  readonly #bytes: (Buffer | undefined)[] = []

  constructor(model: LlamaModel) {
    this.#model = model
    this.#texts = model.fileInfo.metadata.tokenizer.ggml.tokens
    this.size = this.#texts.length
    const special: string[] = []
    const control: string[] = []
    const hidden: Token[] = []
    for (const token of model.iterateAllTokens()) {
      const text = this.#texts[token] ?? ''
      const attributes = model.getTokenAttributes(token)
      const isControl = (attributes.control || attributes.unknown) && !isMarker(text)
      if (!attributes.control && !attributes.unknown && !attributes.userDefined) continue
      if (text === '') continue
      this.#special.set(text, token)
      if (isControl) control.push(text)
      if (isControl && !model.isEogToken(token)) hidden.push(token)
      if (isControl || /\p{L}/u.test(text)) special.push(text)
    }
    this.specialTokens = special
    this.controlTokens = control
    this.hidden = hidden
    this.parsedTexts = [...this.#special.keys()]
  }

  bytes(token: Token): Buffer {
    const known = this.#bytes[token]
    if (known) return known
    const bytes = this.#bytesOf(token)
    this.#bytes[token] = bytes
    return bytes
  }

  /** The token whose whole text this is. */
  single(text: string): Token | undefined {
    const special = this.#special.get(text)
    if (special !== undefined) return special
    const [only, ...more] = this.tokenize(text, true)
    return more.length === 0 ? only : undefined
  }

  /** @param continued text came before, so the tokenizer must not invent a leading space (SentencePiece does). */
  tokenize(text: string, continued: boolean): Token[] {
    const trim = continued && this.#model.vocabularyType === LlamaVocabularyType.spm
    return trim ? this.#model.tokenize(text, true, 'trimLeadingSpace') : this.#model.tokenize(text, true)
  }

  #bytesOf(token: Token): Buffer {
    const text = this.#texts[token] ?? ''
    const attributes = this.#model.getTokenAttributes(token)
    if (attributes.control || attributes.unknown || attributes.userDefined) return Buffer.from(text)
    switch (this.#model.vocabularyType) {
      case LlamaVocabularyType.bpe:
        return Buffer.from(Array.from(text, bytesOfChar).flat())
      case LlamaVocabularyType.spm:
      case LlamaVocabularyType.ugm:
      case LlamaVocabularyType.wpm:
        if (attributes.byte) return Buffer.from(text.slice(3, 5), 'hex')
        return Buffer.from(text.replaceAll('▁', ' '))
      default:
        return Buffer.from(this.#model.detokenize([token], true))
    }
  }
}
