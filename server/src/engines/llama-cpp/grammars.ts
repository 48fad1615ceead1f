import { type Llama, LlamaGrammarEvaluationState, type LlamaModel } from 'node-llama-cpp'
import { ServeError } from '../../completion/failure.ts'

/** Compiled grammars that are kept; agents send the same tools again and again. */
const KEPT = 64
/** The native parser is recursive: a grammar beyond this could exhaust its stack and take the process with it. */
const CHARS_MAX = 512 * 1024

/** Compiles GBNF, each text once while it is in use. */
export class Grammars {
  readonly #llama: Llama
  readonly #model: LlamaModel
  readonly #compiled = new Map<string, LlamaGrammarEvaluationState>()

  constructor(llama: Llama, model: LlamaModel) {
    this.#llama = llama
    this.#model = model
  }

  /**
   * @returns a state at the grammar's start, for one generation only.
   * @throws ServeError invalid-request
   */
  async start(gbnf: string): Promise<LlamaGrammarEvaluationState> {
    const known = this.#compiled.get(gbnf)
    const pristine = known ?? (await this.#compile(gbnf))
    this.#compiled.delete(gbnf)
    this.#compiled.set(gbnf, pristine)
    const [oldest] = this.#compiled.keys()
    if (this.#compiled.size > KEPT && oldest !== undefined) this.#compiled.delete(oldest)
    return pristine.clone()
  }

  async #compile(gbnf: string): Promise<LlamaGrammarEvaluationState> {
    if (gbnf.length > CHARS_MAX) throw refusal('is too large for the engine to enforce')
    try {
      const grammar = await this.#llama.createGrammar({ grammar: gbnf })
      return new LlamaGrammarEvaluationState({ model: this.#model, grammar })
    } catch (cause) {
      throw refusal('cannot be enforced by the engine: its grammar does not compile', cause)
    }
  }
}

const refusal = (why: string, cause?: unknown) =>
  new ServeError(
    { code: 'invalid-request', message: `The required output format ${why}. Use a simpler schema.` },
    { cause },
  )
