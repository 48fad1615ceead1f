import { type Words, wordsIn } from '../../completion/draft/shown.ts'
import { joinAll, nothing, type Passage, unnamed } from '../../completion/steps/passage.ts'
import type { ModelFacts } from '../token-engine.ts'
import type { Dialect } from './dialect.ts'
import type { Plan } from './plan.ts'

/**
 * The raw text in which this model would have said these words, told by a chat API.
 * @returns undefined where that would be another answer: they hold control tokens, or come back changed from this model's own steps
 */
export function rawOfWords(
  { reasoning, text, answers }: Words,
  plan: Plan,
  dialect: Dialect,
  specialTokens: ModelFacts['specialTokens'],
): Passage | undefined {
  const words = [reasoning, text].map((passage) => unnamed(passage))
  if (specialTokens.some((token) => token !== '' && words.some((one) => one.text.includes(token)))) return undefined
  if (reasoning.text !== '' && !plan.thinking) return undefined
  const { open, close } = dialect.thinkTags
  const mark = (tag: string): Passage => ({ ...nothing, text: tag })
  const reasons = plan.starts === 'reasoning' || reasoning.text !== ''
  const raw = joinAll([
    ...(reasons && plan.starts === 'answer' ? [mark(open)] : []),
    ...words.slice(0, 1),
    // What the weights put between the closing tag and the answer.
    ...(reasons && answers ? [mark(close + (dialect.trimsNewlines ? '\n\n' : ''))] : []),
    ...words.slice(1),
  ])
  const back = wordsIn([{ type: 'text', passage: raw }], plan.steps(false))
  const isSame = reasoning.text.startsWith(back.reasoning.text) && text.text.startsWith(back.text.text)
  return isSame ? raw : undefined
}
