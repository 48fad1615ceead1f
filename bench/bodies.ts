/** The requests of a load. */

/** How the bytes of a prompt lie: one long text, a long talk, or a history of tool calls. */
export type Shape = 'text' | 'messages' | 'calls'

export interface Asked {
  /** Bytes of the body, about. */
  readonly size: number
  /** Absent: one text. */
  readonly shape?: Shape
  /** The answer is a stream of so many chunks, one every so many milliseconds. */
  readonly stream?: { readonly chunks: number; readonly everyMs: number }
}

const words = 'The quick brown fox jumps over the lazy dog. '

function* turns(shape: Shape): Generator<readonly object[]> {
  for (let turn = 0; ; turn++)
    if (shape === 'calls') {
      const id = `call_${turn}`
      const call = { name: 'look', arguments: JSON.stringify({ at: `place ${turn}` }) }
      yield [
        { role: 'assistant', content: '', tool_calls: [{ id, type: 'function', function: call }] },
        { role: 'tool', tool_call_id: id, content: words.repeat(3) },
      ]
    } else yield [{ role: turn % 2 ? 'assistant' : 'user', content: words.repeat(4) }]
}

export function bodyOf({ size, shape = 'text', stream }: Asked): string {
  const how = stream ? { stream: true, max_tokens: stream.chunks, seed: stream.everyMs } : { max_tokens: 3 }
  const bare = (messages: readonly object[]) => JSON.stringify({ model: 'fake', ...how, messages })
  if (shape === 'text') {
    const content = words.repeat(
      Math.max(1, Math.ceil((size - bare([{ role: 'user', content: '' }]).length) / words.length)),
    )
    return bare([{ role: 'user', content }])
  }
  const messages: object[] = [{ role: 'user', content: words }]
  let length = bare(messages).length
  for (const turn of turns(shape)) {
    if (length >= size) break
    messages.push(...turn)
    length += JSON.stringify(turn).length - 1
  }
  return bare([...messages, { role: 'user', content: words }])
}
