import type { JudgeCall } from '../judge-calls.ts'
import type { BlockEvent, BlockReader } from './block-reader.ts'
import type { ArgumentSchemas } from './call-values.ts'
import { isEnding, naturalEnd, type Part, type PartStep, untilEnding } from './part.ts'
import { join, nothing, type Passage, slice } from './passage.ts'
import { seeker } from './seek.ts'

/** How a family of models writes calls. */
export interface BlockSyntax {
  /** The text that opens a block. */
  readonly opener: string
  /** Reads what follows it; wants to know what was declared where values carry no type. */
  readonly reader: (schemas: ArgumentSchemas) => BlockReader
  /** People write the opener too: it is markup only where a block follows. */
  readonly plain?: true
}

export interface CallParsing {
  readonly syntaxes: readonly BlockSyntax[]
  readonly schemas: ArgumentSchemas
  /** The turn ends with its first complete call (`parallel_tool_calls: false`, or a named choice). */
  readonly single: boolean
  readonly judge: JudgeCall
  /** There will be no other run: make the best of what came (contract C50). */
  readonly last: boolean
}

/**
 * Takes call blocks out of the text. A call comes out when it is certain to stand: its closing tag was read, and the next call or
 * the end of the block after it. Newlines before a block are its syntax. A malformed block asks for another run from before
 * it, or from behind the last call that came out; in the last run it becomes text.
 */
export function parseCalls({ syntaxes, schemas, single, judge, last }: CallParsing): PartStep {
  const search = seeker(syntaxes.map(({ opener }) => opener))
  /** Newlines that may belong to a block. */
  let newlines = nothing
  let block:
    | { readonly reader: BlockReader; readonly opened: Passage; readonly isPlain: boolean; text: Passage[] }
    | undefined
  /** A block could not be read, and there is no other run: from its opener on all is text. */
  let surrendered = false
  let waiting: (Part & { type: 'call' })[] = []
  /** Where another run would have to go on. */
  let keep = 0
  let reached = 0
  let given = 0

  const text = (passage: Passage): Part[] => (passage.text ? [{ type: 'text', passage }] : [])

  const plain = (passage: Passage): Part[] => {
    if (passage.text === '') return []
    const all = join(newlines, passage)
    const end = all.text.length - (/\n*$/.exec(all.text)?.[0].length ?? 0)
    newlines = end === all.text.length ? nothing : slice(all, end)
    return end > 0 ? text(slice(all, 0, end)) : []
  }

  const settle = (): Part[] => {
    const settled = waiting
    waiting = []
    given += settled.length
    if (settled.length) keep = reached
    return settled
  }

  const malformed = (): Part[] => {
    if (!last) return [{ type: 'again', keep }]
    // After a call there is no way back to text (contract C53).
    if (given > 0 || !block) return [naturalEnd]
    const { opened, isPlain, text: read } = block
    block = undefined
    surrendered = true
    // Nobody else will know it for markup.
    return (isPlain ? read : [opened, ...read]).flatMap((passage) => text(passage))
  }

  const take = (event: BlockEvent, blockFrom: number): Part[] => {
    switch (event.type) {
      case 'call': {
        const judgement = judge(event)
        if (judgement.type === 'malformed') return malformed()
        if (judgement.type === 'unfit' && !last) return [{ type: 'again', keep }]
        if (judgement.type === 'unfit' && judgement.failure) return [{ type: 'failed', failure: judgement.failure }]
        waiting.push({ type: 'call', ...judgement.call })
        reached = blockFrom + event.end
        return single ? [...settle(), naturalEnd] : []
      }
      case 'settled':
        return settle()
      case 'closed':
        return [...settle(), ...(given > 0 ? [naturalEnd] : malformed())]
      case 'broken':
        return malformed()
      case 'none': {
        const { opened, text: read } = block ?? { opened: nothing, text: [] }
        block = undefined
        return [...plain(opened), ...read.flatMap(readAnew)]
      }
    }
  }

  const readBlock = (passage: Passage): Part[] => {
    if (!block || passage.text === '') return []
    const { reader: blockReader, opened } = block
    block.text.push(passage)
    const out: Part[] = []
    for (const event of blockReader.read(passage.text)) {
      out.push(...take(event, opened.from + opened.text.length))
      if (!block || out.some(isEnding)) break
    }
    return out
  }

  const readAnew = (passage: Passage): Part[] => read(passage)

  const read = (passage: Passage): Part[] => {
    if (surrendered) return text(passage)
    if (block) return readBlock(passage)
    const { before, found } = search.read(passage)
    if (!found) return plain(before)
    const said = plain(before)
    const opened = join(newlines, found.itself)
    newlines = nothing
    keep = found.itself.from
    const syntax = syntaxes.find(({ opener }) => opener === found.needle)
    if (!syntax) return said
    block = { reader: syntax.reader(schemas), opened, isPlain: syntax.plain === true, text: [] }
    return [...said, ...readBlock(found.rest)]
  }

  const end = (ending: Part & { type: 'ended' }): Part[] => {
    if (!block) return [...plain(search.release()), ...text(newlines), ending]
    if (ending.reason === 'length') return [...settle(), ending]
    if (block.reader.complete() && given + waiting.length > 0) return [...settle(), ending]
    const out = malformed()
    return out.some(isEnding) ? out : [...out, ending]
  }

  return untilEnding((part) => {
    if (part.type === 'text') return read(part.passage)
    return part.type === 'ended' ? end(part) : [part]
  })
}
