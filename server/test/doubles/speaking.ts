import type { Replies } from './replies.ts'
import { doneLine, lineOf, streamOf, type Voice } from './voice.ts'

const close = '</think>'

/** The tag is a token of its own, whatever the script says. */
const tagApart = (token: string): readonly string[] => token.split(/(<\/think>)/).filter(Boolean)

/**
 * A server of this kind in front of a model whose raw text is this, one text a run, `·` between tokens. It gives the reasoning apart
 * and keeps to the limit; calls stay markup in the content, as where no parser for them was set.
 * @param thinks where the server cannot be told to think: whether this model does, and then inline
 */
export const speaking = (voice: Voice, runs: readonly string[], thinks: boolean): Replies => {
  const inline = voice.kind === 'openai'
  return ({ body }, index) => {
    const raw = runs[Math.min(index, runs.length - 1)] ?? ''
    const all = raw.split('·')
    const tokens = all.slice(0, body.max_tokens)
    const closed = raw.replaceAll('·', '').indexOf(close)
    // A first run that never closes its reasoning is all reasoning; later ones are what is left to say.
    const begins = inline ? thinks && (index === 0 || closed >= 0) : voice.thinks(body) && (index === 0 || closed >= 0)
    const border = closed < 0 ? Infinity : closed
    let at = 0
    const pieces = tokens.map((token) => {
      const from = at
      at += token.length
      if (!begins) return { thought: '', said: token }
      const thought = token.slice(0, Math.max(0, border - from))
      return { thought, said: token.slice(Math.max(0, border + close.length - from)) }
    })
    const reasoning = pieces.map(({ thought }) => thought)
    const words = inline
      ? { reasoning: [], content: begins ? ['<think>', ...tokens.flatMap(tagApart)] : tokens }
      : { reasoning: reasoning.filter(Boolean), content: pieces.map(({ said }) => said).filter(Boolean) }
    const events = streamOf(
      voice,
      {
        words: { ...words, calls: [] },
        finish: all.length > tokens.length ? 'length' : 'stop',
        matched: null,
        counts: {
          prompt: 12,
          cached: 0,
          completion: tokens.length,
          reasoning: reasoning.filter(Boolean).length,
        },
      },
      body,
    )
    return { pieces: [...events.map(lineOf), doneLine] }
  }
}
