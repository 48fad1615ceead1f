/** Text whose characters may be cut in halves: JSON can carry the two parts of a surrogate pair in two strings. */
export interface WholeCharacters {
  /** @returns the text without a first half at its end, which waits for the second one. */
  read(text: string): string
  /** @returns what still waits, as U+FFFD. */
  release(): string
}

export function wholeCharacters(): WholeCharacters {
  let half = ''
  return {
    read(text) {
      const all = half + text
      const last = all.charCodeAt(all.length - 1)
      half = last >= 0xd800 && last <= 0xdbff ? all.slice(-1) : ''
      return all.slice(0, all.length - half.length).toWellFormed()
    },
    release() {
      const rest = half.toWellFormed()
      half = ''
      return rest
    },
  }
}
