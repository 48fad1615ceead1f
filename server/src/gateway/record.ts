import { type Layer, layer } from '../completion/layer.ts'
import type { Said } from '../completion/trace.ts'

/** Of the reasoning and of the text each, in characters: what is longer is kept without its end. */
const mostOfOne = 1_000_000

/** Where the operator wants to see what was said: the answer, as the client gets it, beside what happened to it. */
export const record = (on: boolean): Layer =>
  layer((_request, { trace }) => {
    if (!on) return {}
    const said: Said = { reasoning: '', text: '', toolCalls: [] }
    if (trace) trace.said = said
    return {
      see(event) {
        if (event.type === 'tool-call') said.toolCalls.push(event.call)
        if ((event.type === 'reasoning' || event.type === 'text') && said[event.type].length < mostOfOne)
          said[event.type] += event.text
      },
    }
  })
