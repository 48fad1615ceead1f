import type { Draw } from './random.ts'
import { lowerFirst } from './text.ts'

const BEFORE = [
  'Please',
  'Hey,',
  'Hi!',
  'Hello.',
  'OK,',
  'OK, now',
  'Now',
  'So,',
  'And',
  'Well,',
  'Quick question:',
  'One more thing:',
  'Next:',
  'Hi there,',
  'Hey you,',
  'Question:',
  'Hmm,',
  'Dear assistant,',
  'Good.',
  'Thanks.',
  'Right,',
  'I have a request:',
  'Could you help?',
  'Excuse me,',
  'Again:',
  'Then',
  'Also,',
  'Just',
  'Task:',
  'For me:',
]
const AFTER = [
  'please',
  'Thanks!',
  'for me',
  'for me, please',
  'Thank you.',
  'right now',
  'if you can',
  'now',
  'quickly',
  'OK?',
  'Please.',
  'I am curious.',
  'I need it.',
  'this time',
  'Be quick.',
  'today',
  'once more',
  'as well',
]

/**
 * The same request as people really write it: with a word before or after it, without its capital or its full stop.
 * @param open the request ends in a text of its own, to which nothing may be added
 */
export function mannered(draw: Draw, user: string, open: boolean): string {
  let text = user
  if (draw.chance(0.12)) {
    const before = draw.from(BEFORE)
    text = `${before} ${/[.!?:]$/.test(before) ? text : lowerFirst(text)}`
  } else if (draw.chance(0.06)) text = lowerFirst(text)
  if (open) return text
  if (draw.chance(0.1)) {
    const after = draw.from(AFTER)
    const [, body = text, mark = ''] = /^(.*?)([.?!]?)$/s.exec(text) ?? []
    text = /^[A-Z]/.test(after)
      ? `${body}${mark || '.'} ${after}`
      : `${body}${draw.chance(0.3) ? ',' : ''} ${after}${mark}`
  } else if (draw.chance(0.06)) text = text.replace(/[.?]$/, '')
  return text
}
