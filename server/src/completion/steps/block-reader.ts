/** What was read of a call block. */
export type BlockEvent =
  /** A call's closing tag was read. `end`: units of the block read up to there. */
  | { readonly type: 'call'; readonly name: string; readonly arguments: string; readonly end: number }
  /** The calls read so far are as they should be, whatever comes. */
  | { readonly type: 'settled' }
  /** The block was closed; so is the turn (contract C53). */
  | { readonly type: 'closed' }
  | { readonly type: 'broken' }
  /** This is no block after all, but text that has an opener in it. */
  | { readonly type: 'none' }

/** Reads one call block in any cuts, from behind its opener. Pure text: it knows nothing of tools (contract C127). */
export interface BlockReader {
  read(text: string): readonly BlockEvent[]
  /** Whether the block may end here: asked when the model fell silent. */
  complete(): boolean
}
