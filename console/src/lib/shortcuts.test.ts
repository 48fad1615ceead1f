import { expect, test } from 'vitest'
import { shortcutReader } from './shortcuts.ts'

const presses = (...keys: (string | number)[]) => {
  const done: string[] = []
  const doing = (name: string) => () => void done.push(name)
  const shortcuts = { 'g k': doing('keys'), 'g u': doing('usage'), k: doing('k'), c: doing('create') }
  const read = shortcutReader()
  let at = 0
  for (const key of keys)
    if (typeof key === 'number') at += key
    else {
      at += 100
      read(key, at, shortcuts)?.()
    }
  return done
}

test('two keys in a row', () => {
  expect(presses('g', 'k', 'g', 'u')).toEqual(['keys', 'usage'])
})

test('one key, and one that begins nothing', () => {
  expect(presses('c', 'x', 'k')).toEqual(['create', 'k'])
})

test('a second key that comes late stands for itself', () => {
  expect(presses('g', 2_000, 'k')).toEqual(['k'])
  expect(presses('g', 'x', 'k')).toEqual(['k'])
  expect(presses('g', 'g', 'k')).toEqual(['keys'])
})
