import { accepts, TooManyStates } from './automaton.ts'
import { automatonOf, UnsupportedPattern } from './regex.ts'

const maxPatternChars = 1_000
/** What JavaScript's own matcher may see: it backtracks, and a long text gives it room to. */
const maxBacktrackedChars = 1_000

/** A repeated group with a choice or a repetition inside, or a back reference: how backtracking becomes exponential. */
const canExplode = (pattern: string): boolean => {
  const bare = pattern.replace(/\\[^1-9k]/g, '_').replace(/\[[^\]]*\]/g, '_')
  return /\\[1-9k]/.test(bare) || /\([^()]*(?:[*+|}]|\()[^()]*\)+(?:[*+]|\{)/.test(bare)
}

/**
 * `RegExp.test` for somebody else's pattern. Regular patterns are matched by an automaton, in linear time; what lies beyond
 * (lookaround, `\b`, `\p`) goes to JavaScript's matcher, on short texts only.
 * @throws Error in words for people, when the pattern is none or could take exponential time
 */
export function linearMatcher(pattern: string): (text: string) => boolean {
  if (pattern.length > maxPatternChars) throw new Error(`a pattern is longer than ${maxPatternChars} characters.`)
  const regex = javascriptRegex(pattern)
  try {
    const automaton = automatonOf(pattern)
    return (text) => accepts(automaton, text)
  } catch (error) {
    if (!(error instanceof UnsupportedPattern || error instanceof TooManyStates)) throw error
    if (canExplode(pattern)) throw new Error(`the pattern '${pattern}' could take exponential time.`)
    return (text) => text.length <= maxBacktrackedChars && regex.test(text)
  }
}

/** With the flag `u` where the pattern allows it: a needless escape such as `\-`, which it forbids, is common. */
function javascriptRegex(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    try {
      return new RegExp(pattern)
    } catch {
      throw new Error(`the pattern '${pattern}' is not a valid regular expression.`)
    }
  }
}
