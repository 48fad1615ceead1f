/** How well a text answers what somebody types into the palette: 0 not at all; the beginning of a word counts most. */
export function fuzzy(text: string, typed: string): number {
  const hay = text.toLowerCase()
  let score = 1
  let at = 0
  for (const letter of typed.toLowerCase().replaceAll(' ', '')) {
    const found = hay.indexOf(letter, at)
    if (found < 0) return 0
    score += found === 0 || hay[found - 1] === ' ' ? 3 : found === at ? 2 : 0
    at = found + 1
  }
  return score
}
