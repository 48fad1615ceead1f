/** The code fence that models like to put around JSON. */
const opening = /^\s*```[a-z]*[ \t]*\n/i
const openingBegun = /^\s*(?:`{0,2}|```[a-z]{0,20}[ \t]{0,20})$/i
const surrounding = /^\s*```[a-z]*[ \t]*\n([\s\S]*?)\n?[ \t]*```\s*$/i

/** @returns how much at the beginning of an answer stands before its JSON: blanks or a fence; undefined while that is open */
export function openingFence(text: string): number | undefined {
  const fence = opening.exec(text)
  if (fence) return fence[0].length
  return openingBegun.test(text) ? undefined : text.search(/\S/)
}

/** @returns the text without the blanks, and the fence if it has one, around it */
export const withoutFence = (text: string): string => (surrounding.exec(text)?.[1] ?? text).trim()
